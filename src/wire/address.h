/* address.h - which network addresses belong to the public internet.
 *
 * The guard of the HTTP client asks this about the very address that a socket is about to
 * connect to. Everything that IANA's special-purpose registries do not call globally
 * reachable is refused: unspecified, loopback, private, link-local, shared (CGNAT),
 * benchmark, documentation, multicast, reserved. IPv6 addresses that carry an IPv4 address
 * (mapped, NAT64) are judged by the address they carry; 6to4 and Teredo are refused. */
#pragma once

#include "base/base.h"

bool address_v4_is_public(const uint8_t bytes[4]);
bool address_v6_is_public(const uint8_t bytes[16]);
