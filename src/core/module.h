/* module.h - what a module tells the program about itself, in static tables.
 *
 * src/app/modules.c lists all modules; from these tables come migrations, event delivery,
 * background work, permissions and the audit log's names. */
#pragma once

#include "core/audit.h"
#include "core/event.h"
#include "core/job.h"
#include "core/schedule.h"
#include "core/setting.h"

/* A right that roles and API keys can have: "catalog.write". */
typedef struct Permission {
    const char *name; /* "AREA.read" or "AREA.write"; write includes read */
    const char *doc;
} Permission;

typedef struct Module {
    const char       *name; /* the folder and the prefix of its tables */
    DbMigrations      migrations;
    const EventType  *events; /* the events it tells */
    size_t            nevents;
    const Reaction   *reactions; /* to events of its own and of others */
    size_t            nreactions;
    const JobKind    *jobs;
    size_t            njobs;
    const Schedule   *schedules;
    size_t            nschedules;
    const Permission *permissions;
    size_t            npermissions;
    const Setting    *settings;
    size_t            nsettings;
} Module;
