//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What the packager is at.
public enum PackagingStep: Sendable, Equatable, CustomStringConvertible {
    /// The compiler works; with its last line, such as `[12/345] Compiling Notes Routes.swift`.
    case building(line: String)
    /// Looks for what the program loads.
    case gathering
    /// Takes the symbols off.
    case stripping(String)
    /// Makes an archive smaller.
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
