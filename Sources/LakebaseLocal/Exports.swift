//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// What a program that imports this module may name of the modules below it.
@_exported public import LocalGround
@_exported public import LocalWorkspace
