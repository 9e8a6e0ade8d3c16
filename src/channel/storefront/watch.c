/* Looking after a theme's folder: whoever works on it sees every change at once. */
#include "channel/storefront/storefront_int.h"

#include "base/log.h"
#include "http/http_stream.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

static struct {
    int        notify, stop; /* inotify; eventfd that ends the thread */
    char      *folder;
    pthread_t  thread;
    HttpTopic *topic;
    bool       runs;
} watch;

static const char *const FOLDERS[] = {"",          "/assets",    "/config",
                                      "/layout",   "/locales",   "/sections",
                                      "/snippets", "/templates", "/templates/customers"};

static void add_watches(void)
{
    char path[4096];
    for (size_t i = 0; i < COUNT_OF(FOLDERS); i++) {
        int n = snprintf(path, sizeof path, "%s%s", watch.folder, FOLDERS[i]);
        if (n > 0 && (size_t)n < sizeof path)
            (void)inotify_add_watch(watch.notify, path,
                                    IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                        IN_MOVED_TO | IN_ONLYDIR);
    }
}

/* Editors write in several steps: wait until it is quiet. */
static void swallow(void)
{
    enum { QUIET_MS = 40 };
    char          bytes[4096];
    struct pollfd p = {.fd = watch.notify, .events = POLLIN};
    do {
        if (read(watch.notify, bytes, sizeof bytes) < 0 && errno != EINTR && errno != EAGAIN)
            return;
    } while (poll(&p, 1, QUIET_MS) > 0);
}

static void *run(void *arg)
{
    (void)arg;
    struct pollfd p[2] = {{.fd = watch.notify, .events = POLLIN},
                          {.fd = watch.stop, .events = POLLIN}};
    for (;;) {
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return NULL;
        if (p[1].revents != 0)
            return NULL;
        if (p[0].revents == 0)
            continue;
        swallow();
        add_watches(); /* of folders that are new */
        storefront_reload();
        http_topic_publish(watch.topic, &(HttpEvent){.name = STR("theme"), .data = STR("changed")});
    }
}

Status watch_start(const char *folder, Err *err)
{
    watch.notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    watch.stop = eventfd(0, EFD_CLOEXEC);
    watch.folder = strdup(folder);
    watch.topic = http_topic_new();
    if (watch.notify < 0 || watch.stop < 0 || watch.folder == NULL)
        return err_set(err, ST_IO, "storefront.bad_theme", "cannot watch %s", folder);
    add_watches();
    watch.runs = pthread_create(&watch.thread, NULL, run, NULL) == 0;
    return watch.runs ? ST_OK
                      : err_set(err, ST_IO, "storefront.bad_theme", "cannot watch %s", folder);
}

void watch_stop(void)
{
    if (watch.topic == NULL)
        return;
    if (watch.runs) {
        uint64_t one = 1;
        (void)!write(watch.stop, &one, sizeof one);
        pthread_join(watch.thread, NULL);
    }
    (void)close(watch.notify);
    (void)close(watch.stop);
    http_topic_free(watch.topic);
    free(watch.folder);
    memset(&watch, 0, sizeof watch);
}

HttpTopic *watch_topic(void)
{
    return watch.topic;
}
