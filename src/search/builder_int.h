/* builder_int.h - documents become a segment.
 *
 * A builder notes every occurrence of a term as a record, in order of documents; finishing
 * sorts the dictionary, then the records by term (stably), and reads the postings off. One
 * thread at a time. */
#pragma once

#include "search/schema_int.h"
#include "search/segment_int.h"

typedef struct Builder Builder;

Builder *builder_new(Schema *schema);
void     builder_free(Builder *b); /* NULL is fine */

/* Can this document be added? ST_INVALID "search.document" or ST_LIMIT "search.too_much". */
NODISCARD Status builder_check(const Schema *schema, const SearchDoc *d, Err *err);

/* The document must have been checked. */
void builder_add(Builder *b, const SearchDoc *d);

uint32_t builder_count(const Builder *b);
bool     builder_is_full(const Builder *b); /* finish now */

/* What was added, as a segment with one reference; the builder is empty again. NULL when
 * nothing was added. */
Segment *builder_finish(Builder *b);
