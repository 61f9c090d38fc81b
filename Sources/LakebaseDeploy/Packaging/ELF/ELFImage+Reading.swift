//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension ELFImage {
    /// Reads a file's headers and its dynamic section.
    ///
    /// - Throws: ``ELFError``, or what `bytes` throws.
    init(_ bytes: some ELFBytes) throws {
        guard let magic = try? bytes.read(0, 4, "its first bytes"), magic.bytes == [0x7F, 0x45, 0x4C, 0x46] else {
            throw ELFError.notELF
        }
        let header = try bytes.read(0, 64, "its header")
        guard header.bytes[4] == 2, header.bytes[5] == 1 else {
            throw ELFError.unsupported("it is not for a 64-bit little-endian processor")
        }
        self.init(machine: try header.u16(18))
        let programHeaders = try Self.programHeaders(header, bytes)
        if let interpreter = programHeaders.first(where: { $0.type == .interpreter }) {
            let path = try bytes.read(interpreter.offset, interpreter.size, "the loader's path")
            self.interpreter = try path.string(0)
        }
        guard let dynamic = programHeaders.first(where: { $0.type == .dynamic }) else { return }
        try self.read(DynamicSection(dynamic, programHeaders, bytes))
    }

    private mutating func read<Bytes: ELFBytes>(_ section: DynamicSection<Bytes>) throws {
        for (tag, value) in section.entries {
            switch tag {
            case DynamicTag.needed: self.needed.append(try section.string(value))
            case DynamicTag.soname: self.soname = try section.string(value)
            case DynamicTag.rpath: self.rpath = try section.folders(value)
            case DynamicTag.runpath: self.runpath = try section.folders(value)
            default: break
            }
        }
        self.requires = try section.requiredVersions()
        self.defines = try section.definedVersions()
    }

    private static func programHeaders(_ header: ELFRange, _ bytes: some ELFBytes) throws -> [ProgramHeader] {
        let (offset, size, count) = (try header.u64(32), Int(try header.u16(54)), Int(try header.u16(56)))
        guard count > 0 else { return [] }
        guard size >= 56 else { throw ELFError.malformed("program headers of \(size) bytes") }
        let table = try bytes.read(offset, UInt64(size * count), "its program headers")
        return try (0..<count).map { try ProgramHeader(table, at: $0 * size) }
    }
}

/// Where a piece of the file goes in memory.
struct ProgramHeader {
    enum Kind { case load, dynamic, interpreter, other }

    var type: Kind
    var offset: UInt64
    var address: UInt64
    var size: UInt64

    init(_ table: ELFRange, at start: Int) throws {
        self.type =
            switch try table.u32(start) {
            case 1: .load
            case 2: .dynamic
            case 3: .interpreter
            default: .other
            }
        self.offset = try table.u64(start + 8)
        self.address = try table.u64(start + 16)
        self.size = try table.u64(start + 32)
    }
}

/// The tags of the dynamic section that matter here.
enum DynamicTag {
    static let end: UInt64 = 0
    static let needed: UInt64 = 1
    static let stringTable: UInt64 = 5
    static let stringTableSize: UInt64 = 10
    static let soname: UInt64 = 14
    static let rpath: UInt64 = 15
    static let runpath: UInt64 = 29
    static let definitions: UInt64 = 0x6FFF_FFFC
    static let definitionCount: UInt64 = 0x6FFF_FFFD
    static let needs: UInt64 = 0x6FFF_FFFE
    static let needCount: UInt64 = 0x6FFF_FFFF
}
