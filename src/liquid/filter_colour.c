#include "liquid/filters.h"
const LiquidFilter lq_colour_filters[] = {{0}};
