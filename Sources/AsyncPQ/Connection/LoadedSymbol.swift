//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What the libraries of this process have, and not every version of them.
///
/// The headers that this was compiled with may be those of another version than the library that is loaded.
enum LoadedSymbol {
    /// A function by its name in C; nil where no loaded library has it.
    ///
    /// - Parameter type: Its type, a `@convention(c)` function, which is not checked.
    static func function<Function>(_ name: String, as type: Function.Type) -> Function? {
        #if canImport(Glibc)
        let scope: UnsafeMutableRawPointer? = nil
        #else
        let scope = UnsafeMutableRawPointer(bitPattern: -2)
        #endif
        return dlsym(scope, name).map { unsafeBitCast($0, to: Function.self) }
    }
}
