#pragma once

#include <memory>

#include <skarma/core/engine/engine.hpp>

namespace skarma {

/// The device 'reference': every activation, loss and update rule in Armadillo, as a textbook
/// writes it. It is what the fast engines are held to; slow, on one thread.
std::unique_ptr<Engine> make_reference_engine();

}  // namespace skarma
