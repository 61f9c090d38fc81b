//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What an ELF file says about itself to its loader: the program or library of Linux.
///
/// Read from bytes that may be anything: every offset and count is checked, and a file that is cut off or lies is an
/// ``ELFError``. Only 64-bit little-endian files are read, since the platform is x86-64. The layout is that of the System V
/// ABI, and for the versions that of the Linux Standard Base (Symbol Versioning).
struct ELFImage: Sendable, Equatable {
    /// What `e_machine` says for x86-64.
    static let x86_64: UInt16 = 62

    /// The processor, as `e_machine` numbers it.
    var machine: UInt16
    /// The dynamic loader that a program asks for; a library has none.
    var interpreter: String?
    /// The name under which others ask for this library.
    var soname: String?
    /// The libraries it asks for, in its order.
    var needed: [String] = []
    /// Folders of `DT_RPATH`, which hold for what the libraries load as well.
    var rpath: [String] = []
    /// Folders of `DT_RUNPATH`, which hold for this file's own libraries.
    var runpath: [String] = []
    /// The versions of other libraries' symbols that it cannot do without.
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
    /// It does not begin as such a file does.
    case notELF
    /// It is one, of a kind that is not read here.
    case unsupported(String)
    /// It contradicts itself or is cut off.
    case malformed(String)

    var description: String {
        switch self {
        case .notELF: "it is no ELF file"
        case .unsupported(let what): what
        case .malformed(let what): "it is cut off or damaged: \(what)"
        }
    }
}
