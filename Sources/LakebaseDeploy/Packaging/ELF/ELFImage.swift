//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The headers and the dynamic section of an ELF file: a program or library of Linux.
///
/// The bytes are not trusted: every offset and count is checked, and a file that is truncated or contradicts itself is an
/// ``ELFError``. Only 64-bit little-endian files are read, since the platform is x86-64. The layout is that of the System V
/// ABI, and for the versions that of the Linux Standard Base (Symbol Versioning).
struct ELFImage: Sendable, Equatable {
    /// The value of `e_machine` for x86-64.
    static let x86_64: UInt16 = 62

    /// The processor, as `e_machine` numbers it.
    var machine: UInt16
    /// The dynamic loader that a program requires; a library has none.
    var interpreter: String?
    /// The name by which other files require this library.
    var soname: String?
    /// The libraries that it requires, in its order.
    var needed: [String] = []
    /// Folders of `DT_RPATH`, which hold for what the libraries load as well.
    var rpath: [String] = []
    /// Folders of `DT_RUNPATH`, which hold for this file's own libraries.
    var runpath: [String] = []
    /// The versions of other libraries' symbols that it requires.
    var requires: [VersionNeed] = []
    /// The versions of symbols that it has, such as `GLIBC_2.34`.
    var defines: [String] = []

    /// Versions that one library must have.
    struct VersionNeed: Sendable, Equatable {
        var library: String
        var versions: [String]
    }
}

/// Why a file was not read as ELF.
enum ELFError: Error, Equatable, CustomStringConvertible {
    /// The file does not begin with the ELF magic number.
    case notELF
    /// The file is an ELF file of a kind that is not supported.
    case unsupported(String)
    /// The file contradicts itself or is truncated.
    case malformed(String)

    var description: String {
        switch self {
        case .notELF: "it is no ELF file"
        case .unsupported(let what): what
        case .malformed(let what): "it is cut off or damaged: \(what)"
        }
    }
}
