//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A step of the packager.
public enum PackagingStep: Sendable, Equatable, CustomStringConvertible {
    /// The compiler works; with its last line, such as `[12/345] Compiling Notes Routes.swift`.
    case building(line: String)
    /// Searches the libraries that the program loads.
    case gathering
    /// Strips the symbols.
    case stripping(String)
    /// Compresses an archive.
    case compressing(String)
    /// Writes the folder.
    case writing

    /// The step in words.
    public var description: String {
        switch self {
        case .building(let line): "building: \(line)"
        case .gathering: "gathering what the program loads"
        case .stripping(let file): "taking the symbols off \(file)"
        case .compressing(let archive): "compressing \(archive)"
        case .writing: "writing the folder"
        }
    }
}
