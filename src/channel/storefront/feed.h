/* feed.h - the product feed that Google, Meta, Pinterest, Microsoft and AI shopping agents pull.
 *
 * One row per variant, with Google's attributes (support answer 7052112) and the flags that
 * OpenAI's product feed adds; as RSS 2.0 (/feeds/google.xml) and as tab-separated text
 * (/feeds/google.tsv), in the language and currency of the address (/uk-usd/feeds/…). What has no
 * picture or no price cannot be listed there and is left out. */
#pragma once

#include "http/http.h"

HttpHandler feed_xml, feed_tsv;
