/* testapp.h - a small application of notes, for the tests of http. No database. */
#pragma once

#include "test.h"

#include "base/id.h"
#include "base/shape.h"
#include "http/http.h"
#include "http/http_stream.h"

typedef struct Note {
    int64_t id;
    Str     title;
    int64_t stars;
    int64_t rev;
} Note;

extern const Shape note_shape;

/* Indexed; `testapp.hooks` may be changed by a test. */
extern HttpApp testapp;
void           testapp_begin(void);
void           testapp_end(void);

extern _Atomic int testapp_runs; /* calls of POST /notes */
extern HttpTopic  *testapp_topic;

enum { TESTAPP_BIG = 64 << 20, TESTAPP_PAGE = 9416 };
