/* atom.h - a blog as an Atom feed (RFC 4287): /blogs/HANDLE.atom. */
#pragma once

#include "channel/storefront/visit.h"

NODISCARD Status atom_reply(Visit *v, const PublishedBlog *blog, HttpResp *rs);
