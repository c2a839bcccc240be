/*
 * The init of the test initramfs: mounts what programs expect, runs the tests that progs=GLOB on the kernel's command line names,
 * each in a fresh process with a limit, reports in the line protocol of docs/testing.md, and powers off.
 * From a shell: testinit GLOB runs them and ends.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LIST "/tests/list"
#define OUTPUT "/run/output"
#define WORK "/tmp/work"
#define SKIPPED 77
#define LIMIT_SECONDS 30 /* limit=SECONDS on the command line is another one */
#define MESSAGE_BYTES 6000

/* A line of the list: the test's name, a file with the expected output or "-", and the command in words. */
struct entry {
    char *name, *expected, *words[8];
};

static bool s_init;
static unsigned s_limit = LIMIT_SECONDS;
static char s_found[16 * 1024], s_expected[16 * 1024], s_message[3 * MESSAGE_BYTES + 64], s_options[4096], s_list[256 * 1024];

static void say(const char *text) {
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t done = write(STDOUT_FILENO, text, left);
        if (done < 0 && errno != EINTR) return;
        if (done > 0) text += done, left -= (size_t)done;
    }
}

static size_t read_file(const char *path, char *to, size_t size) {
    size_t length = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    while (file != -1 && length < size - 1) {
        ssize_t count = read(file, to + length, size - 1 - length);
        if (count <= 0) break;
        length += (size_t)count;
    }
    if (file != -1) close(file);
    to[length] = 0;
    return length;
}

static void mount_on(const char *type, const char *target, const char *data) {
    mkdir(target, 0755);
    if (mount(type, target, type, 0, data) == -1 && errno != EBUSY) {
        char text[256];
        snprintf(text, sizeof text, "testinit: mount %s on %s: %s\n", type, target, strerror(errno));
        say(text);
    }
}

static void prepare_system(void) {
    mount_on("devtmpfs", "/dev", "mode=0755");
    if (fcntl(STDOUT_FILENO, F_GETFL) == -1) {
        int console = open("/dev/console", O_RDWR);
        for (int i = 0; i <= 2; i++) dup2(console, i);
        if (console > 2) close(console);
    }
    mount_on("proc", "/proc", NULL);
    mount_on("sysfs", "/sys", NULL);
    mount_on("devpts", "/dev/pts", "mode=0620,ptmxmode=0666");
    static const char *links[][2] = {{"/proc/self/fd", "/dev/fd"}, {"/proc/self/fd/0", "/dev/stdin"}, {"/proc/self/fd/1", "/dev/stdout"}, {"/proc/self/fd/2", "/dev/stderr"}};
    for (int i = 0; i < 4; i++) {
        if (symlink(links[i][0], links[i][1]) == -1 && errno != EEXIST) say("testinit: a link in /dev cannot be made\n");
    }
    mount_on("tmpfs", "/dev/shm", "mode=1777");
    mount_on("tmpfs", "/run", "mode=0755");
    mount_on("tmpfs", "/tmp", "mode=1777");
}

static void remove_tree(const char *path) {
    DIR *folder = opendir(path);
    struct dirent *item;
    while (folder != NULL && (item = readdir(folder)) != NULL) {
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0) continue;
        char below[4096];
        struct stat about;
        snprintf(below, sizeof below, "%s/%s", path, item->d_name);
        umount2(below, MNT_DETACH | UMOUNT_NOFOLLOW);
        if (lstat(below, &about) == 0 && S_ISDIR(about.st_mode)) {
            remove_tree(below);
        } else {
            unlink(below);
        }
    }
    if (folder != NULL) closedir(folder);
    rmdir(path);
}

static char *read_list(struct entry *entry, char *line) {
    char *end = strchr(line, '\n'), *save = NULL;
    if (end == NULL) return NULL;
    *end = 0;
    entry->name = strtok_r(line, " ", &save);
    entry->expected = strtok_r(NULL, " ", &save);
    int count = 0;
    while (count < 7 && (entry->words[count] = strtok_r(NULL, " ", &save)) != NULL) count++;
    entry->words[count] = NULL;
    return end + 1;
}

/* As the kernel's test=: patterns with commas between; "!" leaves tests out; the areas "later" and "fuzz" only where a pattern begins with them. */
static bool matches(const char *name, const char *globs) {
    char copy[1024], *save = NULL;
    bool wanted = false, asked = strncmp(name, "later.", 6) == 0 || strncmp(name, "fuzz.", 5) == 0;
    snprintf(copy, sizeof copy, "%s", globs);
    for (char *glob = strtok_r(copy, ",", &save); glob != NULL; glob = strtok_r(NULL, ",", &save)) {
        if (glob[0] == '!') {
            if (fnmatch(glob + 1, name, 0) == 0) return false;
        } else if ((!asked || strncmp(glob, name, 4) == 0) && fnmatch(glob, name, 0) == 0) {
            wanted = true;
        }
    }
    return wanted;
}

/* SIGCHLD is blocked and waited for; the handler only keeps it from being ignored. */
static void on_child(int signal) { (void)signal; }

static unsigned long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void escape(char *to, size_t size, const char *text) {
    size_t length = 0;
    for (; *text != 0 && length + 4 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '%' || c < ' ' || c >= 0x7F) {
            length += (size_t)sprintf(to + length, "%%%02X", c);
        } else {
            to[length++] = (char)c;
        }
    }
    to[length] = 0;
}

static void start(const struct entry *entry) {
    static char *environment[] = {"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/root", "TERM=linux", "LC_ALL=C", "USER=root", NULL};
    setsid();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    mkdir(WORK, 0755);
    int null = open("/dev/null", O_RDWR), output = open(OUTPUT, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0666);
    if (null == -1 || output == -1 || chdir(WORK) == -1) _exit(126);
    dup2(null, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    if (null > 2) close(null);
    if (output > 2) close(output);
    execve(entry->words[0], entry->words, environment);
    dprintf(STDOUT_FILENO, "exec %s: %s\n", entry->words[0], strerror(errno));
    _exit(127);
}

/* As waitpid; 0 when the time is over. */
static pid_t wait_within(pid_t child, int *status, unsigned long long end) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (;;) {
        pid_t found = waitpid(child, status, WNOHANG);
        unsigned long long time = now();
        if (found != 0 || time >= end) return found;
        struct timespec left = {(time_t)((end - time) / 1000000000), (long)((end - time) % 1000000000)};
        if (sigtimedwait(&set, NULL, &left) == -1 && errno != EAGAIN && errno != EINTR) return -1;
    }
}

/* Ends what the test left behind. As init, that is everything else. */
static void clean_up(pid_t child) {
    kill(s_init ? -1 : -child, SIGKILL);
    if (s_init) {
        while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR) {
        }
    }
    remove_tree(WORK);
}

// The first line in which s_found differs from s_expected, and then both: a report that is cut still says what was wrong.
static void show_difference(char *whole, size_t bytes, const char *text) {
    const char *expected = s_expected, *found = s_found;
    int line = 1;
    for (;;) {
        size_t e = strcspn(expected, "\n"), f = strcspn(found, "\n");
        bool last_expected = expected[e] == 0, last_found = found[f] == 0;
        if (e != f || memcmp(expected, found, e) != 0 || last_expected || last_found) {
            snprintf(whole, bytes, "%sline %d: expected '%.*s', found '%.*s'\nexpected:\n%.*s\nfound:\n%.*s", text, line, (int)(e < 400 ? e : 400), expected, (int)(f < 400 ? f : 400), found,
                     MESSAGE_BYTES / 3, s_expected, MESSAGE_BYTES / 3, s_found);
            return;
        }
        expected += e + 1;
        found += f + 1;
        line++;
    }
}

static const char *run(const struct entry *entry) {
    char line[sizeof s_message + 256], text[64] = "";
    snprintf(line, sizeof line, "##test begin %s\n", entry->name);
    say(line);
    unlink(OUTPUT);
    unsigned long long before = now();
    pid_t child = fork();
    if (child == 0) start(entry);
    int status = 0;
    bool expired = false;
    if (child > 0) {
        pid_t found = wait_within(child, &status, before + s_limit * 1000000000ULL);
        if (found == 0) {
            expired = true;
            kill(child, SIGKILL);
            found = waitpid(child, &status, 0);
        }
        if (found != child) snprintf(text, sizeof text, "waitpid: %d, errno %d\n", found, errno), status = 1 << 8;
    } else {
        snprintf(text, sizeof text, "fork: errno %d\n", errno);
        status = 1 << 8;
    }
    unsigned long long time = now() - before;
    if (child > 0) clean_up(child);
    read_file(OUTPUT, s_found, sizeof s_found);
    bool skipped = WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED, failed = status != 0 && !skipped;
    if (expired) {
        snprintf(text, sizeof text, "still running after %u s\n", s_limit);
        failed = true;
    } else if (WIFSIGNALED(status)) {
        snprintf(text, sizeof text, "killed by signal %d\n", WTERMSIG(status));
    } else if (failed && WEXITSTATUS(status) != 1) {
        snprintf(text, sizeof text, "exit status %d\n", WEXITSTATUS(status));
    }
    static char whole[2 * sizeof s_found];
    snprintf(whole, sizeof whole, "%s%.*s", text, MESSAGE_BYTES, s_found);
    if (!skipped && strcmp(entry->expected, "-") != 0) {
        size_t expected = read_file(entry->expected, s_expected, sizeof s_expected);
        if (expected == 0 || strcmp(s_expected, s_found) != 0) {
            show_difference(whole, sizeof whole, text);
            failed = true;
        }
    }
    escape(s_message, sizeof s_message, whole);
    if (failed) {
        snprintf(line, sizeof line, "##test fail %s ns=%llu message=%s\n", entry->name, time, s_message);
    } else if (skipped) {
        snprintf(line, sizeof line, "##test skip %s message=%s\n", entry->name, s_message);
    } else {
        snprintf(line, sizeof line, "##test pass %s ns=%llu\n", entry->name, time);
    }
    say(line);
    return failed ? "fail" : skipped ? "skip" : "pass";
}

static void run_all(const char *globs) {
    static struct entry entries[4096];
    int count = 0, passed = 0, failed = 0, skipped = 0;
    char line[128], *at = s_list;
    read_file(LIST, s_list, sizeof s_list);
    while (count < 4096 && (at = read_list(&entries[count], at)) != NULL) {
        if (matches(entries[count].name, globs)) count++;
    }
    snprintf(line, sizeof line, "##test plan %d\n", count);
    say(line);
    for (int i = 0; i < count; i++) {
        const char *result = run(&entries[i]);
        passed += result[0] == 'p';
        failed += result[0] == 'f';
        skipped += result[0] == 's';
    }
    snprintf(line, sizeof line, "##test end passed=%d failed=%d skipped=%d\n", passed, failed, skipped);
    say(line);
}

int main(int argc, char **argv) {
    s_init = getpid() == 1;
    if (s_init) prepare_system();
    struct sigaction action = {.sa_handler = on_child};
    sigset_t set;
    sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    const char *globs = argc > 1 ? argv[1] : "*";
    if (s_init) {
        read_file("/proc/cmdline", s_options, sizeof s_options);
        char *save = NULL;
        globs = "*";
        for (char *word = strtok_r(s_options, " \n", &save); word != NULL; word = strtok_r(NULL, " \n", &save)) {
            if (strncmp(word, "progs=", 6) == 0) globs = word + 6;
            if (strncmp(word, "limit=", 6) == 0 && atoi(word + 6) > 0) s_limit = (unsigned)atoi(word + 6);
        }
    }
    run_all(globs);
    if (s_init) {
        say("##poweroff\n");
        tcdrain(STDOUT_FILENO);
        reboot(RB_POWER_OFF);
        say("testinit: the machine did not power off\n");
        for (;;) pause();
    }
    return 0;
}
