/* Calls a library's function twice and counts what the second call takes from
   the heap: the functions below are in the place of the C library's for the
   library, too. */
#include "layers.h"

#include <stddef.h>
#include <stdio.h>

static int calls;

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t bytes) {
  ++calls;
  return __libc_malloc(bytes);
}
void *calloc(size_t count, size_t bytes) {
  ++calls;
  return __libc_calloc(count, bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
  ++calls;
  return __libc_memalign(alignment, bytes);
}
void *memalign(size_t alignment, size_t bytes) {
  ++calls;
  return __libc_memalign(alignment, bytes);
}

static float x[64 * 96], w[96 * 256], b[256], v[256 * 64], y[64 * 64];

int main(void) {
  x[0] = 1;
  layers_threads(1);
  for (int turn = 0; turn < 2; ++turn) {
    calls = 0;
    const char *problem = layers_layers(x, w, b, v, y);
    int taken = calls;
    if (problem)
      printf("%s\n", problem);
    printf("call %d: %s from the heap, %g\n", turn,
           taken == 0 ? "nothing" : "something", y[5]);
  }
  return 0;
}
