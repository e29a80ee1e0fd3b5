#pragma once

// What is written so runs on the device and on the host: one source for both.
#ifdef __CUDACC__
#define SKARMA_PORTABLE __host__ __device__
#else
#define SKARMA_PORTABLE
#endif
