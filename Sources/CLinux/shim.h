#if defined(__linux__)
#include <sys/epoll.h>
#include <sys/eventfd.h>

// In <unistd.h> for those who ask for GNU's extensions, which Swift's module does not.
extern int syncfs(int descriptor);

#include "sockets.h"
#endif
