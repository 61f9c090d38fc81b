//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The version of this package.
enum LakebaseVersion {
    static let current = "0.1.0"
}
