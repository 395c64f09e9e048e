//===- Orcinus.h - The C API --------------------------------------*- C -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_C_ORCINUS_H
#define ORCINUS_C_ORCINUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Options, streams, models, trainers and sessions are opaque. What makes one
 * returns null on an error, what does something returns 0 or, on an error, -1.
 * Each takes `error` last: where that is not null, an error stores a one-line
 * message there, to be freed with orcinus_string_free; a success stores null.
 * orcinus_last_code says what kind of error it was. Nothing is thrown and
 * nothing aborts: a negative number of elements is an error, too, and so is a
 * null array that has some, or a null name in one. Where memory does not
 * suffice, a function without `error` returns what it returns for a node, name
 * or number that there is not. An object may be used by one thread at a time; a
 * trainer keeps its stream and model alive, so that they may be freed before
 * it.
 */
typedef struct orcinus_options orcinus_options;
typedef struct orcinus_stream orcinus_stream;
typedef struct orcinus_model orcinus_model;
typedef struct orcinus_trainer orcinus_trainer;
typedef struct orcinus_session orcinus_session;

void orcinus_string_free(char *string);

/* Kinds of errors: StatusCode in orcinus/Support/Status.h says what each means.
 */
typedef enum orcinus_code {
  ORCINUS_OK,
  ORCINUS_INVALID_ARGUMENT,
  ORCINUS_DAMAGED,
  ORCINUS_INPUT_OUTPUT,
  ORCINUS_OUT_OF_MEMORY,
  ORCINUS_UNAVAILABLE,
  ORCINUS_UNUSABLE,
  ORCINUS_INTERNAL,
  ORCINUS_INTERRUPTED
} orcinus_code;

/* What the last call of this thread that takes `error` came to. */
orcinus_code orcinus_last_code(void);

/* ---- Options ------------------------------------------------------------- */

/* What loading, compiling, training and sessions may be told, by the names that
 * `orcinus train --help` and `orcinus predict --help` have, without "--":
 * "columns", "model", "layers", "reuse", "tuning-db", "epochs", "lr",
 * "threads", "block-size" and so on; besides "cache", "true" or "false". What
 * is not set is as on the command line. Each function takes what concerns it.
 */
orcinus_options *orcinus_options_create(char **error);
void orcinus_options_free(orcinus_options *options);
int orcinus_options_set(orcinus_options *options, const char *name,
                        const char *value, char **error);

/* As text, to be freed with orcinus_string_free; empty where the model's text
 * decides. */
char *orcinus_options_get(const orcinus_options *options, const char *name,
                          char **error);

/* The options of the run whose checkpoint is in `directory`. */
orcinus_options *orcinus_options_of_checkpoint(const char *directory,
                                               char **error);

/* ---- Event streams: orcinus/Graph/EventStream.h ------------------------- */

/* Loads a file of timestamped edges or
 * "synthetic:nodes=N,events=M[,seed=S][,features=F]". `options` may be null. */
orcinus_stream *orcinus_stream_open(const char *specification,
                                    const orcinus_options *options,
                                    char **error);

/* Makes a stream of `events` events among the nodes 0 … nodes - 1, from arrays
 * that are copied. Times are finite, not negative and do not decrease.
 * Features are row-major, `edge_columns` an event and `node_columns` a node;
 * null where there are none. */
orcinus_stream *orcinus_stream_create(const int32_t *source,
                                      const int32_t *destination,
                                      const double *time, int64_t events,
                                      int32_t nodes, const float *edge_features,
                                      int64_t edge_columns,
                                      const float *node_features,
                                      int64_t node_columns, char **error);

void orcinus_stream_free(orcinus_stream *stream);
int64_t orcinus_stream_event_count(const orcinus_stream *stream);
int32_t orcinus_stream_node_count(const orcinus_stream *stream);

/* The id that the input used for node `node`; -1 for a node out of range, and
 * where ids are text. */
int64_t orcinus_stream_external_id(const orcinus_stream *stream, int32_t node);

/* The node that the input called `external_id`; -1 if there is none. */
int32_t orcinus_stream_find_node(const orcinus_stream *stream,
                                 int64_t external_id);

/* The same as text, for ids of any kind. A name is to be freed with
 * orcinus_string_free; it is null for a node out of range. */
char *orcinus_stream_node_name(const orcinus_stream *stream, int32_t node);
int32_t orcinus_stream_find_node_named(const orcinus_stream *stream,
                                       const char *name);

/* Makes the stream go on from that of the run whose checkpoint is in
 * `directory`, if it holds the run's events and later ones: its nodes get the
 * numbers that they had there, by their names, as trainers that continue the
 * run and sessions need it where ids came later that lie between. Numbers that
 * were found before may be of other nodes then. Trainers and sessions that were
 * made of the stream before keep what they had. */
int orcinus_stream_align(orcinus_stream *stream, const char *directory,
                         char **error);

/* The labels of the option "task", by which models that are compiled and
 * trainers that are made with `options` from then on learn: those in the
 * columns of `stream` that the option "label-columns" named when it was opened,
 * or, where `path` is not null, those of nodes in that file (docs/tasks.md).
 * The option "mask-nodes" is the share of nodes whose labels are kept from
 * training. */
int orcinus_options_set_labels(orcinus_options *options,
                               const orcinus_stream *stream, const char *path,
                               char **error);

/* ---- Plugins: orcinus/Runtime/Plugin.h ----------------------------------- */

/* Loads a shared library with a dialect that models may then use. */
int orcinus_plugin_load(const char *path, char **error);

/* ---- Models: orcinus/Runtime/Compiler.h --------------------------------- */

/* Compiles a model for the features of `stream` and, where the option "shards"
 * is above 1, for batches in shards. `options` may be null. */
orcinus_model *orcinus_model_compile(const orcinus_options *options,
                                     const orcinus_stream *stream,
                                     char **error);
void orcinus_model_free(orcinus_model *model);

/* ---- Trainers: orcinus/Runtime/Trainer.h -------------------------------- */

/* Means over the batches of a split; NaN where no batch counted, and of a task
 * that has labels. */
typedef struct orcinus_metrics {
  double average_precision;
  double area_under_curve;
  double inductive_average_precision;
  double inductive_area_under_curve;
} orcinus_metrics;

typedef struct orcinus_epoch_report {
  int epoch;
  double train_seconds;
  double validation_seconds;
  double train_loss;
  orcinus_metrics validation;
} orcinus_epoch_report;

typedef struct orcinus_test_report {
  orcinus_metrics test;
  int best_epoch;
} orcinus_test_report;

/* `options` may be null. */
orcinus_trainer *orcinus_trainer_create(const orcinus_stream *stream,
                                        const orcinus_model *model,
                                        const orcinus_options *options,
                                        char **error);
void orcinus_trainer_free(orcinus_trainer *trainer);

/* Trains the next batch. `loss` may be null. */
int orcinus_trainer_step(orcinus_trainer *trainer, double *loss, char **error);

/* Trains what is left of the epoch and validates. `report` may be null. */
int orcinus_trainer_epoch(orcinus_trainer *trainer,
                          orcinus_epoch_report *report, char **error);

/* Called after each epoch of a run, with what the caller gave. */
typedef void (*orcinus_epoch_observer)(const orcinus_epoch_report *report,
                                       void *user);

/* The whole run, with the test at its end. `checkpoint_directory` and
 * `metrics_file` may be null for none; with `resume` not 0 the run continues
 * from the checkpoint, if there is one. `observer` and `report` may be null. */
int orcinus_trainer_train(orcinus_trainer *trainer,
                          const char *checkpoint_directory, int resume,
                          const char *metrics_file,
                          orcinus_epoch_observer observer, void *user,
                          orcinus_test_report *report, char **error);

/* Tests the best epoch's parameters; they become the current ones. `report`
 * may be null. */
int orcinus_trainer_test(orcinus_trainer *trainer, orcinus_test_report *report,
                         char **error);

/* Of a task that has labels: the figure of that name ("accuracy", …) of the
 * last validation or test; NaN where there is none. */
double orcinus_trainer_figure(const orcinus_trainer *trainer, const char *name);

/* Takes those parameters of the checkpoint in `directory` that this model has,
 * too: of link prediction's all but its decoder's. */
int orcinus_trainer_load_encoder(orcinus_trainer *trainer,
                                 const char *directory, char **error);

/* Columns of an embedding; 0 for a model without embeddings. */
int64_t orcinus_trainer_embedding_width(const orcinus_trainer *trainer);

/* Embeds `queries` pairs (nodes[i], times[i]) into the rows of `result`,
 * float[queries × width]. Changes no state. */
int orcinus_trainer_embed(orcinus_trainer *trainer, const int32_t *nodes,
                          const double *times, int64_t queries, float *result,
                          char **error);

/* Writes a checkpoint into `directory`, or goes to where one was written. */
int orcinus_trainer_save(const orcinus_trainer *trainer, const char *directory,
                         char **error);
int orcinus_trainer_load(orcinus_trainer *trainer, const char *directory,
                         char **error);

/* ---- Using a trained model: orcinus/Runtime/Session.h -------------------- */

/* Compiles the model of the checkpoint in `directory` and opens it over
 * `history`, which is copied; orcinus_stream_align says when it has to be
 * called first. `options` may be null. */
orcinus_session *orcinus_session_open(const char *directory,
                                      const orcinus_stream *history,
                                      const orcinus_options *options,
                                      char **error);
void orcinus_session_free(orcinus_session *session);

/* What of the checkpoint the history goes on from. Of anything but the run,
 * states start empty before the first event. */
typedef enum orcinus_match {
  /* The model alone: the history does not begin with the run's events. */
  ORCINUS_MATCH_MODEL,
  /* The events, but no epoch of the run was validated. */
  ORCINUS_MATCH_HISTORY,
  /* The events, and the states behind them. */
  ORCINUS_MATCH_RUN
} orcinus_match;
orcinus_match orcinus_session_match(const orcinus_session *session);

int64_t orcinus_session_event_count(const orcinus_session *session);
/* Columns of an embedding. */
int64_t orcinus_session_embedding_width(const orcinus_session *session);

/* The node of that name; -1 where no event names it. Queries take -1 for a node
 * without events. */
int32_t orcinus_session_node(const orcinus_session *session, const char *name);
/* To be freed with orcinus_string_free; null for a node out of range. */
char *orcinus_session_node_name(const orcinus_session *session, int32_t node);

/* Appends `events` events between named nodes at times in seconds. `features`
 * is row-major, as many a row as the history's events have; null where these
 * have none. */
int orcinus_session_append(orcinus_session *session, const char *const *source,
                           const char *const *destination, const double *time,
                           const float *features, int64_t events, char **error);

/* Writes a snapshot of the session to the file `path`; goes to where one was
 * written, in a session of the same checkpoint, history and block size. */
int orcinus_session_save(const orcinus_session *session, const char *path,
                         char **error);
int orcinus_session_restore(orcinus_session *session, const char *path,
                            char **error);

/* The logit of each link (sources[i], destinations[i]) at times[i]. */
int orcinus_session_score(orcinus_session *session, const int32_t *sources,
                          const int32_t *destinations, const double *times,
                          int64_t pairs, float *logits, char **error);

/* The best `count` destinations of `source` among `candidate_count` candidates,
 * or, where `candidates` is null, among all destinations: nodes and logits,
 * best first. Returns how many there are; -1 on an error. */
int64_t orcinus_session_top(orcinus_session *session, int32_t source,
                            double time, const int32_t *candidates,
                            int64_t candidate_count, int64_t count,
                            int32_t *nodes, float *logits, char **error);

/* Embeds `queries` pairs (nodes[i], times[i]) into the rows of `result`,
 * float[queries × width]. */
int orcinus_session_embed(orcinus_session *session, const int32_t *nodes,
                          const double *times, int64_t queries, float *result,
                          char **error);

/* Numbers of a prediction; 0 for a model that predicts nothing of nodes. */
int64_t orcinus_session_prediction_width(const orcinus_session *session);

/* What is predicted of `queries` pairs (nodes[i], times[i]), float[queries ×
 * width]: numbers, or logits of classes, of two that of the second. */
int orcinus_session_predict(orcinus_session *session, const int32_t *nodes,
                            const double *times, int64_t queries, float *result,
                            char **error);

/* The names of the classes of the run whose checkpoint is in `directory`, to be
 * freed with orcinus_string_free: null, without an error, for one out of
 * range. */
char *orcinus_checkpoint_class(const char *directory, int64_t number,
                               char **error);

/* ---- Networks and other modules: orcinus/Runtime/Module.h ---------------- */

/* Functions of tensors that any threads may call at the same time. */
typedef struct orcinus_module orcinus_module;

/* An i1 has a byte, 0 or 1; an index has 64 bits; f16 and bf16 are their bits.
 */
typedef enum orcinus_element {
  ORCINUS_I1,
  ORCINUS_I8,
  ORCINUS_I16,
  ORCINUS_I32,
  ORCINUS_I64,
  ORCINUS_INDEX,
  ORCINUS_F16,
  ORCINUS_BF16,
  ORCINUS_F32,
  ORCINUS_F64
} orcinus_element;

/* A tensor, row-major and without gaps; a number has rank 0. */
typedef struct orcinus_tensor {
  orcinus_element element;
  int64_t rank;
  const int64_t *extents;
  void *data;
} orcinus_tensor;

/* Opens an .mlir file with functions of linalg on tensors, or a library that
 * `orcinus compile` wrote. Of `options`, which may be null, "threads",
 * "tuning-db", "cache-dir" and "cache" count. */
orcinus_module *orcinus_module_open(const char *path,
                                    const orcinus_options *options,
                                    char **error);
void orcinus_module_free(orcinus_module *module);

int64_t orcinus_module_function_count(const orcinus_module *module);
/* The name of function `number`, or "name(types) -> (types)"; both to be freed
 * with orcinus_string_free, null for one out of range. */
char *orcinus_module_function_name(const orcinus_module *module,
                                   int64_t number);
char *orcinus_module_function_text(const orcinus_module *module,
                                   int64_t number);
int64_t orcinus_module_argument_count(const orcinus_module *module,
                                      int64_t function);
int64_t orcinus_module_result_count(const orcinus_module *module,
                                    int64_t function);
/* What argument or result `number` of a function is, without data; the extents
 * are the module's, -1 where a call decides. */
int orcinus_module_argument(const orcinus_module *module, int64_t function,
                            int64_t number, orcinus_tensor *type, char **error);
int orcinus_module_result(const orcinus_module *module, int64_t function,
                          int64_t number, orcinus_tensor *type, char **error);

/* Calls the function `name`, or the only one where that is null. Results are
 * written where their data say; where the data of all are null, all are filled
 * in, to be freed with orcinus_tensor_free each. */
int orcinus_module_call(const orcinus_module *module, const char *name,
                        const orcinus_tensor *arguments, int64_t argument_count,
                        orcinus_tensor *results, int64_t result_count,
                        char **error);
void orcinus_tensor_free(orcinus_tensor *tensor);

/* Threads that calls are divided among; 0 leaves it to OpenMP. */
void orcinus_module_use_threads(const orcinus_module *module, int threads);

#ifdef __cplusplus
}
#endif

#endif /* ORCINUS_C_ORCINUS_H */
