/* shape_macros.h - how shapes are written down; included by shape.h only. */
#pragma once
