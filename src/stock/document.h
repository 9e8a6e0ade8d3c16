/* document.h - transfers between locations, and counts: documents that make movements.
 *
 * A transfer is a draft, then in transit - its pieces have left one location and are nowhere - then
 * received, or cancelled: then they are back where they came from. A count is open while people
 * count; posting it books the difference to what stood there at the moment each variant was
 * counted, so that what is sold meanwhile does not matter. */
#pragma once

#include "stock/stock.h"

typedef enum TransferStatus {
    TRANSFER_DRAFT,
    TRANSFER_IN_TRANSIT,
    TRANSFER_RECEIVED,
    TRANSFER_CANCELLED
} TransferStatus;
typedef enum CountStatus { COUNT_OPEN, COUNT_POSTED, COUNT_CANCELLED } CountStatus;
extern const char *const transfer_status_names[], *const count_status_names[];

typedef struct TransferLine {
    int64_t variant_id;
    int64_t qty;
    int64_t received, lost; /* of these, when it arrives */
} TransferLine;

typedef struct TransferLines {
    TransferLine *items;
    size_t        n;
} TransferLines;

typedef struct Transfer {
    int64_t       id;
    int64_t       from_id, to_id;
    int           status;
    Str           note;
    OptTime       expected_at, sent_at, done_at;
    UnixMs        created_at, updated_at;
    TransferLines lines;
} Transfer;

typedef struct Transfers {
    Transfer *items;
    size_t    n;
} Transfers;

typedef struct CountLine {
    int64_t variant_id;
    int64_t counted;
    int64_t expected; /* what stood there when it was counted */
    UnixMs  counted_at;
} CountLine;

typedef struct CountLines {
    CountLine *items;
    size_t     n;
} CountLines;

typedef struct Count {
    int64_t    id;
    int64_t    location_id;
    int        status;
    Str        note;
    OptTime    posted_at;
    UnixMs     created_at, updated_at;
    CountLines lines;
} Count;

typedef struct Counts {
    Count *items;
    size_t n;
} Counts;

extern const Shape stock_transfer_shape, stock_count_shape;

/* Newest first, id < before (0: all); without their lines. */
NODISCARD Status stock_transfers(Cx *cx, int64_t before, int64_t limit, Transfers *ret);
NODISCARD Status stock_counts(Cx *cx, int64_t before, int64_t limit, Counts *ret);

NODISCARD Status stock_transfer_get(Cx *cx, int64_t id, Transfer *ret);
NODISCARD Status stock_transfer_create(Cx *cx, Transfer *t); /* a draft */
/* ST_CONFLICT "stock.not_open"; "stock.insufficient" when fewer are there. */
NODISCARD Status stock_transfer_send(Cx *cx, int64_t id, Transfer *ret);
/* `lines` say what came of each (received, lost); none: all of it. What is neither is lost. */
NODISCARD Status stock_transfer_receive(Cx *cx, int64_t id, const TransferLines *lines,
                                        Transfer *ret);
NODISCARD Status stock_transfer_cancel(Cx *cx, int64_t id, Transfer *ret);

NODISCARD Status stock_count_get(Cx *cx, int64_t id, Count *ret);
NODISCARD Status stock_count_create(Cx *cx, Count *c);
/* Write down what was counted; the same variant again replaces it. */
NODISCARD Status stock_count_note(Cx *cx, int64_t id, const CountLines *lines, Count *ret);
NODISCARD Status stock_count_post(Cx *cx, int64_t id, Count *ret);
NODISCARD Status stock_count_cancel(Cx *cx, int64_t id, Count *ret);
