#include "liquid/filters.h"
const LiquidFilter lq_theme_filters[] = {{0}};
