/* The two lists beside the messages: windows on the left, members on the right. */
#pragma once

struct layout;
struct model;
struct theme;

void sides_draw(const struct theme *theme, const struct layout *layout, struct model *model);
