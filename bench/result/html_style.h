/* The page's style sheet: readable by day, by night and on paper; colours that differ in brightness
 * too. */
#pragma once

extern const char html_style[];
extern const char html_picture_style[];
