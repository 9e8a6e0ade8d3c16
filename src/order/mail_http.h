/* mail_http.h - previews of mails about an order over HTTP. */
#pragma once

#include "http/http.h"

extern const HttpRoutes order_mail_routes;
