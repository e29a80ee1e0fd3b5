/* The seam between skarma and a library that brings a device: C alone, so that either side may be
 * compiled by another compiler. The library exports one function, skarma_device_plugin. Codes are
 * fixed for ever; a struct or a function that changes makes another SKARMA_DEVICE_ABI.
 *
 * Unless a field says more: structs and arrays belong to whoever calls and are read, or written,
 * during the call alone. Counts are elements, places in arrays count from 0, matrices are row-major
 * without gaps, flags are 0 or 1. A list of 0 elements may be null.
 *
 * An engine serves one caller at a time, from any thread. No call may throw, exit or print.
 */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SKARMA_DEVICE_ABI = 4 };

/* What a call returns. All but SKARMA_OK leave a text in the message. */
enum {
  SKARMA_OK = 0,
  SKARMA_CANCELLED = 1,         /* a stop request was heard */
  SKARMA_NOT_FINITE_SAMPLE = 2, /* NaN or infinity in a sample to predict for */
  SKARMA_NO_MEMORY = 3,         /* here or on the device */
  SKARMA_LOGIC_ERROR = 4,       /* a bug, or what the device declines to do */
  SKARMA_OUT_OF_RANGE = 5,      /* a model or data that are not open or held */
  SKARMA_INVALID_ARGUMENT = 6,  /* a value that the user has given */
  SKARMA_DOMAIN_ERROR = 7,      /* weights whose sum is zero */
  SKARMA_DEVICE_ERROR = 8       /* all else: the device, its driver, its libraries */
};

/* Where a call that fails says why: UTF-8, at most `capacity` bytes with the ending zero; where the
 * capacity is 0, nothing. */
typedef struct skarma_message {
  char* text;
  uint64_t capacity;
} skarma_message;

enum { SKARMA_FLOAT64 = 0, SKARMA_FLOAT32 = 1 };

/* ---- Networks ---- */

/* What a node computes of the nodes that it reads; values have the shape (rows, units). */
enum {
  SKARMA_INPUT = 0,      /* the samples; node number 0 alone */
  SKARMA_DENSE = 1,      /* x W + b */
  SKARMA_ACTIVATE = 2,   /* f(x), element by element */
  SKARMA_BATCH_NORM = 3, /* (x - mean) / sqrt(variance + 1e-5) * gamma + beta. In training mean and
                            variance (divided by n) are the batch's, and the moving ones become
                            .9 of what they were and .1 of these (variance divided by n - 1) */
  SKARMA_DROPOUT = 4,    /* in training 0 with the probability `rate`, else x / (1 - rate): drawn by
                            Philox as core/kernels/philox.hpp does, by seed, n_steps before the
                            minibatch, number of this node, row and column */
  SKARMA_ADD = 5,        /* x + y */
  SKARMA_NOISE = 6, /* in training x + `rate` times a normal number, of the same words: r cos(t)
                       of the first two of four and r sin(t), then of the other two, where
                       r = sqrt(-2 log((first + .5) / 2^32)), t = 2 pi second / 2^32 */
  SKARMA_LAYER_NORM = 7, /* as SKARMA_BATCH_NORM, by the mean and the variance (divided by units) of
                            a row; there is nothing that moves. Of images the values of each
                            place are a row to either: norms go by channel */
  SKARMA_ALPHA_DROPOUT = 8, /* in training, with a = 1 / sqrt((1 - rate) (1 + rate s^2)) and
                              b = a s rate, where s = 1.7580993408473769: b - a s with the
                              probability `rate`, else a x + b, drawn as SKARMA_DROPOUT */
  SKARMA_MAXOUT = 9, /* the largest of the columns j k ... j k + k - 1 of x, where k = units of x /
                        units; its derivative goes to the first that is the largest */
  /* Of images, as skarma_window has it: */
  SKARMA_CONV2D = 10,       /* at each place what is seen there times W, + b */
  SKARMA_MAX_POOL = 11,     /* the largest of what is seen, channel by channel; NaN if there is one;
                               its derivative goes to the first that is the largest, or NaN */
  SKARMA_AVERAGE_POOL = 12, /* the mean of what is seen inside of the image, channel by channel */
  SKARMA_RESCALE_VALUES = 13, /* x * `rate` + `shift` */
  SKARMA_FLATTEN = 14         /* x, which is no image any more; no step does it */
};

/* Activations. The derivative is taken through x for SKARMA_GELU ... SKARMA_MISH, else through
 * f(x). */
enum {
  SKARMA_NO_ACTIVATION = -1,
  SKARMA_IDENTITY = 0,
  SKARMA_LOGISTIC = 1,
  SKARMA_TANH = 2,
  SKARMA_RELU = 3,
  SKARMA_EXP = 4,        /* only as the link of SKARMA_POISSON_LOSS */
  SKARMA_GELU = 5,       /* x Phi(x) */
  SKARMA_GELU_TANH = 6,  /* the same by the approximation with tanh */
  SKARMA_SILU = 7,       /* x logistic(x) */
  SKARMA_MISH = 8,       /* x tanh(log(1 + exp(x))) */
  SKARMA_LEAKY_RELU = 9, /* x, or below 0 the number times x */
  SKARMA_ELU = 10,       /* x, or below 0 the number times exp(x) - 1 */
  SKARMA_SELU = 11,      /* 1.0507 times elu with the number 1.6733 (kSeluScale) */
  SKARMA_SOFTPLUS = 12,  /* log(1 + exp(x)) */
  SKARMA_SOFTSIGN = 13,  /* x / (1 + |x|) */
  SKARMA_HARD_TANH = 14, /* x within -1 and 1 */
  SKARMA_HEAVISIDE = 15  /* 1 from 0 on, else 0; its derivative is 0 */
};

/* Losses, each with its link, the activation of the last layer; what they compare with; and what
 * becomes of a row's outputs. core/reference/network_formulas.cpp has the formulas. */
enum {
  SKARMA_SOFTMAX_LOG = 0,    /* softmax, one class code a row, summed */
  SKARMA_LOGISTIC_LOG = 1,   /* logistic, 0 or 1 for each output, summed */
  SKARMA_SQUARED_ERROR = 2,  /* identity, numbers, averaged; half the square; delta not averaged */
  SKARMA_POISSON_LOSS = 3,   /* exp, counts, summed */
  SKARMA_HUBER = 4,          /* identity, numbers, summed; squared up to a residual of its number */
  SKARMA_ABSOLUTE_ERROR = 5, /* identity, numbers, summed */
  SKARMA_LOG_COSH = 6,       /* identity, numbers, summed */
  /* Of classes: softmax, one class code a row; or logistic, 0 or 1 for each output, summed. */
  SKARMA_SMOOTHED_SOFTMAX_LOG = 7, /* targets are moved to their mean by the number, a share */
  SKARMA_SMOOTHED_LOGISTIC_LOG = 8,
  SKARMA_HINGE = 9, /* identity: scores, of which the right one should be 1 above the others */
  SKARMA_BINARY_HINGE = 10,
  SKARMA_SQUARED_HINGE = 11,
  SKARMA_BINARY_SQUARED_HINGE = 12,
  SKARMA_FOCAL = 13, /* the number is gamma */
  SKARMA_BINARY_FOCAL = 14,
  SKARMA_SOFTMAX_SQUARED = 15,
  SKARMA_LOGISTIC_SQUARED = 16,
  SKARMA_QUANTILE = 17,   /* sums of the first value and the softplus of the others up to each;
                             numbers, averaged; as many numbers as outputs, their levels */
  SKARMA_GAMMA_LOSS = 18, /* exp, positive numbers, summed */
  SKARMA_TWEEDIE = 19     /* exp, numbers from 0, summed; the number is the power */
};

enum {
  SKARMA_COEFS = 0,      /* of a dense node, shape (inputs, units); of a convolution (rows, columns,
                            channels, filters) */
  SKARMA_INTERCEPTS = 1, /* shape (units) or (filters), as all that follow; of images (channels) */
  SKARMA_GAMMA = 2,
  SKARMA_BETA = 3,
  SKARMA_MEAN = 4, /* moving, not trained */
  SKARMA_VARIANCE = 5
};

/* Some of a node's parameters: `size` of them at `offset` of the packed vector. */
typedef struct skarma_slot {
  uint64_t offset;
  uint64_t size;
  double initial_value; /* first values are uniform in initial_value +- initial_bound */
  double initial_bound; /* 0: none is drawn */
  double rate_factor;   /* of the learning rate */
  double decay_factor;  /* of the weight decay */
  int32_t kind;         /* SKARMA_COEFS ... */
  int32_t penalised;    /* by alpha and by weight_decay */
  int32_t trained;      /* 0: an update rule finds a gradient of 0, or none */
  int32_t frozen; /* in no run, whatever its gradient. Where gamma is, SKARMA_BATCH_NORM goes by
                     its moving statistics in training, too, and leaves them alone */
} skarma_slot;

/* Of a row's values: an image, channels last, or (1, 1, units). */
typedef struct skarma_image {
  uint64_t height;
  uint64_t width;
  uint64_t channels;
} skarma_image;

/* What a convolution or a pool sees at a time: at the place (y, x) of the output the rows
 * y row_stride - top ... + height - 1 of the input, and columns likewise. Outside of the image a
 * convolution sees zeros, and a pool nothing. */
typedef struct skarma_window {
  skarma_image input;
  skarma_image output;
  uint64_t height;
  uint64_t width;
  uint64_t row_stride;
  uint64_t column_stride;
  uint64_t top;
  uint64_t left;
} skarma_window;

typedef struct skarma_node {
  const skarma_slot* slots;
  uint64_t n_slots;
  uint64_t reads[2];        /* numbers of nodes before this one */
  uint64_t n_reads;         /* 0 for SKARMA_INPUT, 2 for SKARMA_ADD, else 1 */
  uint64_t units;           /* of its values */
  skarma_window window;     /* SKARMA_CONV2D and pools */
  skarma_image image;       /* its values, in a chain */
  double rate;              /* of dropout and noise; factor of SKARMA_RESCALE_VALUES */
  double shift;             /* SKARMA_RESCALE_VALUES */
  double activation_number; /* that it takes, or 0 */
  int32_t operation;        /* SKARMA_INPUT ... */
  int32_t activation;       /* SKARMA_ACTIVATE only */
} skarma_node;

/* Where a node with weights lies in the packed vector: W of shape (inputs, outputs) at `coef`, the
 * bias at `intercept`. Of a convolution an input is a value of what it sees at a time, and an
 * output a filter. */
typedef struct skarma_layer {
  uint64_t inputs;
  uint64_t outputs;
  uint64_t coef;
  uint64_t intercept;
} skarma_layer;

/* Trained parameters begin ... end - 1, which an update rule treats alike. */
typedef struct skarma_run {
  uint64_t begin;
  uint64_t end;
  double rate_factor;
  double decay_factor;
  int32_t penalised;
} skarma_run;

/* A step of the plan in which nodes are fused: an operation and the activation that follows it.
 * Places are numbers of buffers; -1: there is none. core/net/plan.hpp says more. */
typedef struct skarma_step {
  uint64_t node;
  skarma_layer layer;       /* SKARMA_DENSE and SKARMA_CONV2D, else zeros */
  uint64_t unit_numbers;    /* SKARMA_BATCH_NORM: where its three numbers a unit (channel)
                               begin */
  uint64_t output;          /* the buffer of its values */
  int64_t input;            /* what it reads; -1: the samples. In predictions the first
                               other step than noise and dropout, which do nothing then, may read
                               them, too */
  int64_t second;           /* SKARMA_ADD: the other one */
  int64_t preactivation;    /* where x is kept, if the derivative is taken through it */
  int64_t delta;            /* on the way back: where the derivative by the output comes */
  int64_t input_delta;      /* on the way back: where the derivative by the input goes, */
  int64_t onto;             /* and the buffer whose values are added to it then */
  int64_t row_scales;       /* SKARMA_LAYER_NORM: room for a number for each row (place) */
  double joined_number;     /* that `joined` takes, or 0 */
  double activation_number; /* that `activation` takes, or 0 */
  int32_t joined;           /* the activation whose derivative is multiplied in before */
  int32_t operation;        /* SKARMA_DENSE ... */
  int32_t activation;       /* SKARMA_NO_ACTIVATION where none can follow, or the loss does */
} skarma_step;

/* Nodes in the order in which they are computed, the loss after the last one. Parameters are one
 * packed vector: all W, all biases, what else is trained, what is not trained. */
typedef struct skarma_network {
  const skarma_node* nodes;
  uint64_t n_nodes;
  const skarma_layer* layers; /* of the nodes with weights, in their order */
  uint64_t n_layers;
  const skarma_run* runs; /* all trained parameters that are not frozen, in their order */
  uint64_t n_runs;
  const skarma_step* steps; /* the last leaves its product to the loss */
  uint64_t n_steps;
  const uint64_t* widths; /* units of each buffer */
  const int32_t* touch;   /* of each: 1 where it has images, whose rows lie without gaps on this
                             processor */
  uint64_t n_widths;
  uint64_t n_unit_numbers; /* of all steps */
  uint64_t n_trained;      /* the first of the packed parameters */
  uint64_t n_parameters;
  const double* loss_numbers; /* what the loss takes, as said there; none: null */
  uint64_t n_loss_numbers;
  double loss_mean_factor; /* where it is not 0: the losses of a row's outputs are averaged, and
                              their derivatives, and multiplied with this */
  int32_t loss;            /* SKARMA_SOFTMAX_LOG ... */
  int32_t is_chain; /* a list of layers, in which any may follow any; else a multi-layer perceptron
                       of hidden layers with options */
} skarma_network;

/* ---- Samples ---- */

enum {
  SKARMA_STANDARDISE = 0, /* (x - offset) / scale, */
  SKARMA_RESCALE = 1      /* or x * scale + offset, then clipped */
};

/* One map a column, in the type of the stored values, into which offset and scale are rounded
 * first. Each of the two operations rounds: no multiply-add. */
typedef struct skarma_transform {
  const double* offset; /* (n_features); they stay as skarma_samples.values do */
  const double* scale;
  double low;
  double high;
  int32_t kind;
  int32_t clips; /* to low ... high */
} skarma_transform;

enum {
  SKARMA_DENSE_ROWS = 0,
  SKARMA_SPARSE_ROWS = 1 /* SciPy's CSR; columns in any order, those that come twice are summed */
};

/* Samples of shape (n_samples, n_features): chosen rows of a stored matrix, transformed, then
 * rounded to the type of the model. What values, columns, row_starts, rows and the maps point to
 * stays as it is until the data are released (a prediction: until the call ends). */
typedef struct skarma_samples {
  const void* values;        /* double or float: dense rows, or the entries of sparse ones */
  const int32_t* columns;    /* SKARMA_SPARSE_ROWS: of each entry */
  const int64_t* row_starts; /* SKARMA_SPARSE_ROWS: row i has the entries row_starts[i] ...
                                row_starts[i + 1] - 1 */
  uint64_t row_stride;       /* SKARMA_DENSE_ROWS: elements between the starts of two rows */
  uint64_t n_stored_rows;
  const uint32_t* rows; /* the stored row of each sample, if they are `chosen` */
  uint64_t n_samples;
  uint64_t n_features;
  const skarma_transform* transforms; /* applied one after another */
  uint64_t n_transforms;
  int32_t storage; /* SKARMA_DENSE_ROWS or SKARMA_SPARSE_ROWS */
  int32_t type;    /* of the values: SKARMA_FLOAT64 or SKARMA_FLOAT32 */
  int32_t chosen;  /* 0: all rows in their order */
} skarma_samples;

/* One of codes (n_samples) and values (n_samples, n_outputs), by the loss; the other is empty. */
typedef struct skarma_targets {
  const int32_t* codes;
  uint64_t n_codes;
  const double* values;
  uint64_t n_values;
  const double* weights; /* (n_samples), or empty: all 1 */
  uint64_t n_weights;
  uint64_t n_outputs;
} skarma_targets;

/* ---- Models ---- */

enum {
  SKARMA_SGD = 0,
  SKARMA_ADAM = 1,
  SKARMA_RMSPROP = 2,
  SKARMA_ADAMW = 3,
  SKARMA_ADAGRAD = 4,
  SKARMA_ADADELTA = 5,
  SKARMA_AMSGRAD = 6,
  SKARMA_NADAM = 7,
  SKARMA_LION = 8,
  SKARMA_RPROP = 9,
  SKARMA_GD = 10
};

/* An update rule, and the settings of all: each reads its own. core/optim/update_rule.cpp has the
 * formulas and how many moment vectors there are. */
typedef struct skarma_rule {
  double momentum;
  double beta_1;
  double beta_2;
  double epsilon;
  double weight_decay;
  int32_t nesterovs_momentum;
  int32_t kind; /* SKARMA_SGD ... */
} skarma_rule;

/* What a model is opened with. Parameters and moments are of `type`, the model's own. */
typedef struct skarma_start {
  const void* parameters;
  uint64_t n_parameters;
  const void* moments; /* one vector of n_trained after another */
  uint64_t n_moments;  /* elements of all */
  int64_t n_steps;     /* that the rule has taken */
  skarma_rule rule;
  int32_t type;
} skarma_start;

typedef struct skarma_open_model {
  const skarma_network* network;
  uint64_t data; /* held: the training samples */
  skarma_targets targets;
  skarma_start start;
  double alpha;      /* a mean loss is (sum of weight * loss + alpha / 2 * sum of w^2 over
                        penalised w) / sum of weights */
  double l1;         /* l1 times the sum of |w| is added to the sum, too. At 0 its derivative is
                        the one that leaves least of the whole, and no step takes a weight
                        beyond 0: core/optim/restraints.hpp. This and the next three: 0 is
                        none */
  double clip_value; /* of the components of the gradient that a step takes, */
  double clip_norm;  /* then of its norm: times clip_norm / (norm + 1e-6) below 1 */
  double max_norm;   /* after a step, of the weights that each dense unit reads by */
  uint64_t largest_batch; /* rows of a minibatch; 0: gradients of all samples alone */
  uint64_t seed;          /* of dropout's numbers */
  int32_t tf32;           /* products of SKARMA_FLOAT32 may round their factors to 10 bits of
                             mantissa; 0: they keep all */
} skarma_open_model;

/* Where the numbers of a closed model go: as many as it was opened with, in its type. */
typedef struct skarma_end {
  void* parameters;
  uint64_t n_parameters;
  void* moments;
  uint64_t n_moments;
  int64_t n_steps; /* written */
} skarma_end;

/* ---- Jobs ---- */

/* A request to stop that may come from another thread. subscribe() makes it call tell(listener),
 * once: at once if it has come, else from the thread that makes it. It returns a subscription, or
 * null where there is no memory. After unsubscribe(), which waits for it, tell() is not called. */
typedef struct skarma_stop {
  const void* context;
  void* (*subscribe)(const void* context, void (*tell)(void* listener), void* listener);
  void (*unsubscribe)(void* subscription);
} skarma_stop;

/* Minibatches first_batch ... end_batch - 1 of an epoch that visits the training samples in
 * `order`, batch_size at a time; the last one may be shorter. */
typedef struct skarma_epoch_range {
  uint64_t model;
  const uint32_t* order; /* positions of samples */
  uint64_t n_order;
  uint64_t batch_size;
  uint64_t first_batch;
  uint64_t end_batch;
  double rate;     /* the learning rate */
  double loss_sum; /* read and written: each batch adds its mean loss * rows, one after another */
} skarma_epoch_range;

/* The outputs of an open model for held samples. */
typedef struct skarma_evaluation {
  uint64_t model;
  uint64_t data;
  const skarma_stop* stop; /* null: nobody asks */
  double* outputs;         /* written, (n_samples, units of the last node) */
  uint64_t n_outputs;      /* its elements */
  int32_t done;            /* written; 0 where it was stopped, and outputs are of no use */
} skarma_evaluation;

/* What is summed over rows of outputs, each times its weight: core/net/score_kind.hpp says more,
 * core/engine/score_sums.cpp has the formulas. */
enum {
  SKARMA_RIGHT_ROWS = 0,      /* 1 for a row of which all is right */
  SKARMA_SQUARED_ERRORS = 1,  /* of each output */
  SKARMA_ABSOLUTE_ERRORS = 2, /* of each output */
  SKARMA_LOG_LOSSES = 3       /* of a row, clipped by the epsilon of the model's type */
};

/* Sums over held samples, whose outputs an open model computes. They are added in the order of the
 * samples, and NaN where a sample is not finite. */
typedef struct skarma_score {
  uint64_t model;
  uint64_t data;
  const skarma_targets* targets; /* of these samples; SKARMA_RIGHT_ROWS: a code may be -1, which is
                                    never right. Jobs may point to the same ones */
  const skarma_stop* stop;       /* null: nobody asks */
  double* sums;                  /* written */
  uint64_t n_sums;               /* 1, or the units of the last node */
  int32_t kind;                  /* SKARMA_RIGHT_ROWS ... */
  int32_t done;                  /* written; 0 where it was stopped, and sums are of no use */
} skarma_score;

/* The mean loss (skarma_open_model.alpha) over all training samples at `parameters`, which become
 * the model's, and its gradient. */
typedef struct skarma_gradient {
  uint64_t model;
  const double* parameters; /* rounded to the type of the model */
  uint64_t n_parameters;
  double* gradient; /* written, of the trained parameters */
  uint64_t n_gradient;
  const skarma_stop* stop; /* null: nobody asks. Once it is heard, results are of no use */
  double loss;             /* written */
} skarma_gradient;

/* The outputs of a network that is not open for samples that are not held, finite or not. */
typedef struct skarma_prediction {
  const skarma_network* network;
  const skarma_samples* samples;
  const void* parameters; /* of `type`, in which the network computes */
  uint64_t n_parameters;
  const skarma_stop* stop; /* null: nobody asks */
  double* outputs;         /* written, (n_samples, units of the last node) */
  uint64_t n_outputs;      /* its elements */
  int32_t type;
} skarma_prediction;

/* ---- The library ---- */

/* What a device says of itself, as things are now. */
typedef struct skarma_capabilities {
  uint64_t most_models; /* that it is glad to train at once, at least 1; 1: a group gains nothing */
  uint64_t free_memory; /* bytes; 0: unknown */
} skarma_capabilities;

typedef struct skarma_engine skarma_engine;

/* Devices count from 0; beside them there is the device's kernels on this processor, for tests. */
enum { SKARMA_HOST_DEVICE = -1 };

/* What a device is, for people to read. Texts are UTF-8 with an ending zero. */
typedef struct skarma_device_description {
  uint64_t memory_total; /* bytes */
  uint64_t memory_free;
  int32_t n_multiprocessors;
  char name[128];
  char compute_capability[16]; /* "9.0" */
  char driver_version[32];     /* the CUDA version that the driver speaks: "13.0" */
  char runtime_version[32];    /* of the library's CUDA: "13.0" */
} skarma_device_description;

/* It lives as long as the library, which is never closed. */
typedef struct skarma_device_api {
  uint32_t version; /* SKARMA_DEVICE_ABI; in all versions the first field, */
  uint32_t size;    /* and this the second: bytes of this struct */

  /* The engine of a device by its number, or of SKARMA_HOST_DEVICE. */
  int32_t (*create)(int32_t device, skarma_engine** engine, skarma_message* message);
  /* With all models and data that are left. */
  void (*destroy)(skarma_engine* engine);

  int32_t (*hold)(skarma_engine* engine, const skarma_samples* samples, uint64_t* data,
                  skarma_message* message);
  void (*release)(skarma_engine* engine, uint64_t data);

  /* All of them or, after a failure, none; one number each goes to `ids`. */
  int32_t (*open)(skarma_engine* engine, const skarma_open_model* models, uint64_t n, uint64_t* ids,
                  skarma_message* message);
  /* All of them, also after a failure, which means that `ends` are of no use. `ends`: one each, or
     null. */
  int32_t (*close)(skarma_engine* engine, const uint64_t* models, uint64_t n, skarma_end* ends,
                   skarma_message* message);

  /* No result depends on the other jobs of a call. After a failure nothing that was to be written
     is of use. */
  int32_t (*train)(skarma_engine* engine, skarma_epoch_range* ranges, uint64_t n,
                   skarma_message* message);
  int32_t (*evaluate)(skarma_engine* engine, skarma_evaluation* jobs, uint64_t n,
                      skarma_message* message);
  int32_t (*score)(skarma_engine* engine, skarma_score* jobs, uint64_t n, skarma_message* message);
  int32_t (*gradients)(skarma_engine* engine, skarma_gradient* jobs, uint64_t n,
                       skarma_message* message);
  int32_t (*predict)(skarma_engine* engine, const skarma_prediction* job, skarma_message* message);

  /* Remembers the present parameters of a model, in the place of those it remembered before. */
  int32_t (*keep)(skarma_engine* engine, uint64_t model, skarma_message* message);
  /* Goes back to the parameters that the model remembers, if there are any. */
  int32_t (*restore)(skarma_engine* engine, uint64_t model, skarma_message* message);

  /* The numbers of a model as they are now, as close() would write them, */
  int32_t (*read_state)(skarma_engine* engine, uint64_t model, skarma_end* state,
                        skarma_message* message);
  /* and others in their place: as many, of the same type and rule. */
  int32_t (*write_state)(skarma_engine* engine, uint64_t model, const skarma_start* state,
                         skarma_message* message);

  int32_t (*capabilities)(skarma_engine* engine, skarma_capabilities* capabilities,
                          skarma_message* message);

  /* -- Which devices there are. -- */

  /* Written: the devices are number 0 ... n - 1. A failure says why there can be none, such as a
     driver that is not there. */
  int32_t (*count_devices)(int32_t* n, skarma_message* message);
  int32_t (*describe_device)(int32_t device, skarma_device_description* description,
                             skarma_message* message);
} skarma_device_api;

/* The one function of the library. `version` is the caller's; a library that does not speak it
 * returns what it speaks, and the caller declines. */
const skarma_device_api* skarma_device_plugin(uint32_t version);

#ifdef __cplusplus
}
#endif
