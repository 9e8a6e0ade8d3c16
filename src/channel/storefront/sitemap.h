/* sitemap.h - /sitemap.xml and its parts, /robots.txt, /llms.txt: what crawlers read first.
 *
 * The index names one file for collections, pages and articles and as many for products as
 * keep each under 50,000 addresses and 50 MB. Every address stands once per language, each with
 * all its languages beside it, as hreflang wants it. */
#pragma once

#include "http/http.h"

HttpHandler sitemap_index, sitemap_part, robots_txt, llms_txt;
