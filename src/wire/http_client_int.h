/* http_client_int.h - what the tests need to see of the HTTP client. */
#pragma once

#include "base/base.h"

#ifdef FAULT_INJECTION
/* Tests cannot reach the internet: connections to this port of an IPv4 address count as
 * public, so that a redirect from a public server to a private one can be tried. 0: none. */
extern int http_client_test_port;

/* File with the certificates that are trusted instead of the system's. NULL: the system's. */
extern const char *http_client_test_ca;
#endif
