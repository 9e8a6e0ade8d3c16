#include "base/civil.h"

static bool leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int civil_month_days(int year, int month)
{
    static const int DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    ASSERT(month >= 1 && month <= 12);
    return DAYS[month - 1] + (month == 2 && leap(year));
}

bool civil_valid(CivilDate d)
{
    return d.year >= 0 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= civil_month_days(d.year, d.month);
}

/* Count from 1 March of year 0: then the leap day is the last day of its year, and the
 * months' lengths follow (153 m + 2) / 5. 400 years have 146,097 days. */
enum { DAYS_400_YEARS = 146097, MARCH_0_TO_1970 = 719468 };

int64_t civil_to_days(CivilDate d)
{
    ASSERT(civil_valid(d));
    int64_t year = d.year - (d.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (d.month > 2 ? d.month - 3 : d.month + 9) + 2) / 5 + d.day - 1;
    return era * DAYS_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           MARCH_0_TO_1970;
}

CivilDate civil_from_days(int64_t days)
{
    days += MARCH_0_TO_1970;
    int64_t era = (days >= 0 ? days : days - (DAYS_400_YEARS - 1)) / DAYS_400_YEARS;
    int64_t rest = days - era * DAYS_400_YEARS;
    int64_t of_era = (rest - rest / 1460 + rest / 36524 - rest / (DAYS_400_YEARS - 1)) / 365;
    int64_t of_year = rest - (365 * of_era + of_era / 4 - of_era / 100);
    int64_t march = (5 * of_year + 2) / 153; /* months since March */
    int     month = (int)(march < 10 ? march + 3 : march - 9);
    return (CivilDate){
        .year = (int)(of_era + era * 400) + (month <= 2),
        .month = month,
        .day = (int)(of_year - (153 * march + 2) / 5 + 1),
    };
}

int civil_weekday(int64_t days)
{
    int64_t v = (days + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(v < 0 ? v + 7 : v);
}

CivilDate civil_add_months(CivilDate d, int months)
{
    int64_t count = (int64_t)d.year * 12 + d.month - 1 + months;
    ASSERT(count >= 0 && count < 120000);
    d.year = (int)(count / 12);
    d.month = (int)(count % 12) + 1;
    int last = civil_month_days(d.year, d.month);
    if (d.day > last)
        d.day = last;
    return d;
}
