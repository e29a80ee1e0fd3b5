#pragma once

namespace skarma {

/// Gives a file the owner, the group, the access list and the modes of another one, both open, as
/// far as the system allows; never more permissions than that one has.
void take_attributes(int file, int from);

}  // namespace skarma
