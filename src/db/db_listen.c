/* db_listen.c - hints that there is something to do. Threads of this process wake each
 * other through an eventfd. On PostgreSQL, other processes are told by NOTIFY: by the
 * connection that committed, but at most every FORWARD_MS; what is left over, the
 * listening thread sends when it waits. */
#include "db/db_int.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { FORWARD_MS = 20 };

static void check_channel(const char *channel)
{
    ASSERT(channel[0] != '\0' && strspn(channel, "abcdefghijklmnopqrstuvwxyz_") == strlen(channel));
}

void db_notify(DbConn *conn, const char *channel)
{
    ASSERT(conn->in_tx);
    check_channel(channel);
    for (size_t i = 0; i < DB_HINTS_MAX; i++) {
        if (conn->hints[i] != NULL && strcmp(conn->hints[i], channel) == 0)
            return;
        if (conn->hints[i] == NULL) {
            ASSERT(i + 1 < DB_HINTS_MAX);
            conn->hints[i] = channel;
            conn->hints[i + 1] = NULL;
            return;
        }
    }
}

static void ring(const DbListener *l)
{
    uint64_t one = 1;
    (void)!write(l->event_fd, &one, sizeof one); /* fails only when it rings already */
}

/* True when other processes are to be told right now, by the caller. */
static bool tell_listeners(Db *db, const char *channel)
{
    bool now = true;
    pthread_mutex_lock(&db->lock);
    for (DbListener *l = db->listeners; l != NULL; l = l->next) {
        if (strcmp(l->channel, channel) != 0)
            continue;
        l->told = true;
        if (now && db_now_ms() - l->forwarded_ms >= FORWARD_MS) {
            l->forwarded_ms = db_now_ms();
        } else if (now) { /* too soon: the listener will do it */
            l->forward = true;
            now = false;
        }
        ring(l);
    }
    pthread_mutex_unlock(&db->lock);
    return now;
}

void db_tell(Db *db, DbConn *conn, const char *const hints[DB_HINTS_MAX])
{
    for (size_t i = 0; hints[i] != NULL; i++)
        if (tell_listeners(db, hints[i]) && conn != NULL && db->driver->tell != NULL)
            db->driver->tell(conn, hints[i]);
}

Status db_listen(Db *db, const char *channel, DbListener **ret, Err *err)
{
    check_channel(channel);
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return err_set(err, ST_IO, "db.failed", "eventfd: error %d", errno);
    DbConn *conn = NULL;
    if (db->driver->listen != NULL) {
        Status st = db->driver->listen(db, channel, &conn, err);
        if (st != ST_OK) {
            close(fd);
            return st;
        }
    }
    DbListener *l = db_alloc(sizeof *l);
    *l = (DbListener){.db = db, .channel = channel, .event_fd = fd, .conn = conn};
    l->forwarded_ms = db_now_ms() - FORWARD_MS;
    pthread_mutex_lock(&db->lock);
    l->next = db->listeners;
    db->listeners = l;
    pthread_mutex_unlock(&db->lock);
    *ret = l;
    return ST_OK;
}

void db_listen_close(DbListener *l)
{
    if (l == NULL)
        return;
    pthread_mutex_lock(&l->db->lock);
    DbListener **at = &l->db->listeners;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    pthread_mutex_unlock(&l->db->lock);
    if (l->conn != NULL)
        l->db->driver->conn_close(l->conn);
    close(l->event_fd);
    free(l);
}

void db_listen_wake(DbListener *l)
{
    ring(l);
}

/* Was this listener told by its own process? Tells the others what they were not told. */
static bool told(DbListener *l)
{
    uint64_t rung;
    (void)!read(l->event_fd, &rung, sizeof rung);
    pthread_mutex_lock(&l->db->lock);
    bool was_told = l->told;
    bool forward = l->forward;
    l->told = l->forward = false;
    if (forward)
        l->forwarded_ms = db_now_ms();
    pthread_mutex_unlock(&l->db->lock);
    if (forward && l->conn != NULL && l->db->driver->socket(l->conn) >= 0)
        l->db->driver->tell(l->conn, l->channel);
    return was_told;
}

Status db_listen_wait(DbListener *l, SpanMs timeout, bool *ret_told, Err *err)
{
    const DbDriver *driver = l->db->driver;
    struct pollfd   fds[2] = {{.fd = l->event_fd, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
    bool            from_others = false;
    if (l->conn != NULL) { /* a hint may have come in beside an answer */
        Status st = driver->heard(l->conn, l->channel, &from_others, err);
        if (st != ST_OK) {
            (void)poll(fds, 1, (int)timeout.v);
            (void)told(l);
            return st;
        }
        fds[1].fd = driver->socket(l->conn);
    }
    if (!from_others)
        (void)poll(fds, 2, (int)timeout.v);
    bool from_here = told(l);
    if (l->conn != NULL && !from_others && fds[1].revents != 0)
        TRY(driver->heard(l->conn, l->channel, &from_others, err));
    *ret_told = from_here || from_others;
    return ST_OK;
}
