/* Calls functions of module.mlir by the header that orcinus compile wrote. */
#include "first.h"
#ifdef OTHER
#include "other.h"
#endif

#include <stdio.h>
#include <stdlib.h>

static int failed(const char *problem) {
  if (problem)
    printf("failed: %s\n", problem);
  return problem != NULL;
}

int main(void) {
  /* Each row of the weights is 1, -1 and 0.5. */
  float x[8] = {1, 1, 1, 1, 1.25, 1.25, 1.25, 1.25};
  float w[12] = {1, -1, 0.5, 1, -1, 0.5, 1, -1, 0.5, 1, -1, 0.5};
  float b[3] = {3.5, 3.5, 2.5};
  float *rows = NULL;
  int64_t extents[2] = {0, 0};
  first_threads(1);
  if (failed(first_layer(x, 2, w, b, &rows, extents)) || extents[0] != 2 ||
      extents[1] != 3)
    return 1;
  printf("layer:");
  for (int i = 0; i < 6; ++i)
    printf(" %g", rows[i]);
  printf("\n");
  free(rows);

  double d[6] = {1, 2, 3, 4, 5, 7}, twice[6], again[6], sums[2];
  int32_t table[3];
  if (failed(first_results(d, twice, again, sums, table)) || table[1] != -8)
    return 1;
  printf("results: %g %g\n", twice[0], again[5]);

  float y[3] = {1, 2, 3};
  uint8_t *above = NULL;
  int64_t count[1] = {0}, number = 0;
  if (failed(first_above(y, 3, 1.5F, &above, count, &number)))
    return 1;
  printf("above: %d %d %d of %d\n", above[0], above[1], above[2], (int)number);
  free(above);
  if (failed(first_scale(y, 2, 2)))
    return 1;
  printf("scale: %g %g\n", y[0], y[1]);

  int32_t one = 0;
  printf("checked: %s\n", first_checked(0, &one));
  if (failed(first_checked(1, &one)) || one != 1)
    return 1;
  int64_t pair[2];
  if (failed(first_nothing(pair)))
    return 1;
  printf("nothing: %d %d\n", (int)pair[0], (int)pair[1]);
#ifdef OTHER
  float four[4] = {1, 2, 3, 4}, threefold[4];
  if (failed(other_scale(four, 3, threefold)))
    return 1;
  printf("other: %g %g %g %g\n", threefold[0], threefold[1], threefold[2],
         threefold[3]);
#endif
  return 0;
}
