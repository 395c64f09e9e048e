//===- main.c - Uses the installed C API ----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/c/Orcinus.h"

#include <stdio.h>
#include <stdlib.h>

static int fail(char *message) {
  fprintf(stderr, "%s\n", message ? message : "no message");
  orcinus_string_free(message);
  return 1;
}

/* Trains a step and embeds a query. */
int main(void) {
  char *error = NULL;
  orcinus_stream *stream =
      orcinus_stream_open("synthetic:nodes=100,events=2000", NULL, &error);
  if (!stream)
    return fail(error);
  orcinus_options *options = orcinus_options_create(&error);
  if (!options || orcinus_options_set(options, "dim", "16", &error) != 0)
    return fail(error);
  orcinus_model *model = orcinus_model_compile(options, stream, &error);
  orcinus_options_free(options);
  if (!model)
    return fail(error);
  orcinus_trainer *trainer =
      orcinus_trainer_create(stream, model, NULL, &error);
  if (!trainer)
    return fail(error);
  orcinus_stream_free(stream);
  orcinus_model_free(model);

  double loss = 0;
  if (orcinus_trainer_step(trainer, &loss, &error) != 0)
    return fail(error);
  int64_t width = orcinus_trainer_embedding_width(trainer);
  float *embedding = malloc(sizeof(float) * (size_t)width);
  const int32_t node = 0;
  const double time = 1e9;
  if (orcinus_trainer_embed(trainer, &node, &time, 1, embedding, &error) != 0)
    return fail(error);
  printf("loss %f, first column %f\n", loss, embedding[0]);
  free(embedding);
  orcinus_trainer_free(trainer);

  /* An error is a message. */
  if (orcinus_stream_open("no such file", NULL, &error) || !error)
    return 1;
  orcinus_string_free(error);
  return 0;
}
