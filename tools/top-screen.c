/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The terminal of qom top.
 *
 * Each line is overwritten and its rest cleared, so nothing flickers.  The last
 * tables stay on the terminal at the end.
 */
#include "tools/top-screen.h"

#include "tools/output.h"

#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define CLEAR_ALL "\033[2J"
#define GO_HOME "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_BELOW "\033[J"

/*
 * Keys are not shown, and read without the end of a line.  CTRL-C and CTRL-Z
 * still send signals.
 *
 * A process in the background would be stopped if it changed the modes.
 */
static void set_modes(TopScreen *screen)
{
    struct termios modes = screen->saved;

    if (screen->has_keys && tcgetpgrp(STDIN_FILENO) == getpgrp()) {
        modes.c_lflag &= ~(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
    }
}

/* Without a handler, SIGWINCH would not interrupt poll(). */
static void do_nothing(int signum)
{
}

void top_screen_open(TopScreen *screen)
{
    const char *term = g_getenv("TERM");
    struct sigaction interrupt = { .sa_handler = do_nothing };

    if (!isatty(STDOUT_FILENO) || !term || !*term || !strcmp(term, "dumb")) {
        return;
    }
    screen->is_open = true;
    screen->has_keys = tcgetattr(STDIN_FILENO, &screen->saved) == 0;
    sigaction(SIGWINCH, &interrupt, NULL);
    sigaction(SIGCONT, &interrupt, NULL);
    set_modes(screen);
    output_text(HIDE_CURSOR CLEAR_ALL);
}

void top_screen_close(TopScreen *screen)
{
    if (!screen->is_open) {
        return;
    }
    screen->is_open = false;
    if (screen->has_keys && tcgetpgrp(STDIN_FILENO) == getpgrp()) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &screen->saved);
    }
    output_text(SHOW_CURSOR);
}

/* Another program may have used the terminal since. */
void top_screen_resume(TopScreen *screen)
{
    set_modes(screen);
    output_text(HIDE_CURSOR CLEAR_ALL);
}

/* A terminal that does not know its size has that of a VT100. */
void top_screen_get_size(int *width, int *height)
{
    struct winsize size;
    bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;

    *width = is_known && size.ws_col ? size.ws_col : 80;
    *height = is_known && size.ws_row ? size.ws_row : 24;
}

int top_screen_show(const char *text)
{
    g_autoptr(GString) out = g_string_new(GO_HOME);

    for (const char *p = text; *p; p++) {
        if (*p == '\n') {
            g_string_append(out, CLEAR_LINE);
        }
        g_string_append_c(out, *p);
    }
    g_string_append(out, CLEAR_BELOW);
    return output_text(out->str);
}

int top_screen_get_key_fd(const TopScreen *screen)
{
    return screen->is_open && screen->has_keys ? STDIN_FILENO : -1;
}

/* A terminal that has gone is readable without end, so it is left alone. */
char top_screen_read_key(TopScreen *screen)
{
    char key = 0;

    if (read(STDIN_FILENO, &key, 1) <= 0) {
        screen->has_keys = false;
        return 0;
    }
    return key;
}
