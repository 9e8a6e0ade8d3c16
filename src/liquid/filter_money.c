#include "liquid/filters.h"
const LiquidFilter lq_money_filters[] = {{0}};
