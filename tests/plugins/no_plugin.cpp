// A library without the function of devices.
extern "C" int skarma_test_nothing() { return 0; }
