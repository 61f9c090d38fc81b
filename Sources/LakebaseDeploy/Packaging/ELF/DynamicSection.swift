//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText

/// The dynamic section, which the loader reads, with the names that it points to.
struct DynamicSection<Bytes: ELFBytes> {
    let entries: [(tag: UInt64, value: UInt64)]
    private let loads: [ProgramHeader]
    private let bytes: Bytes
    private let strings: ELFRange

    init(_ header: ProgramHeader, _ programHeaders: [ProgramHeader], _ bytes: Bytes) throws {
        let table = try bytes.read(header.offset, header.size, "its dynamic section")
        var entries: [(tag: UInt64, value: UInt64)] = []
        for start in stride(from: 0, to: table.bytes.count - 15, by: 16) {
            let tag = try table.u64(start)
            if tag == DynamicTag.end { break }
            entries.append((tag, try table.u64(start + 8)))
        }
        self.entries = entries
        self.bytes = bytes
        self.loads = programHeaders.filter { $0.type == .load }
        if let address = entries.first(where: { $0.tag == DynamicTag.stringTable })?.value,
            let size = entries.first(where: { $0.tag == DynamicTag.stringTableSize })?.value
        {
            let offset = try Self.offset(of: address, self.loads, "its names")
            self.strings = try bytes.read(offset, size, "its names")
        } else {
            self.strings = ELFRange(bytes: [], what: "its names")
        }
    }

    func string(_ offset: UInt64) throws -> String {
        guard let offset = Int(exactly: offset) else { throw ELFError.malformed("a name at \(offset)") }
        return try self.strings.string(offset)
    }

    func folders(_ offset: UInt64) throws -> [String] { try self.string(offset).splitExactly(at: ":").map(String.init) }

    /// `DT_VERNEED`: for each library, the versions that must be there, without those marked weak.
    func requiredVersions() throws -> [ELFImage.VersionNeed] {
        try self.chain(DynamicTag.needs, DynamicTag.needCount, recordSize: 16, nextAt: 12) { record, offset in
            let library = try self.string(UInt64(record.u32(4)))
            let names = try self.links(
                from: offset, first: record.u32(8), count: Int(record.u16(2)), size: 16, nextAt: 12)
            let versions = try names.filter { try $0.u16(4) & 2 == 0 }.map { try self.string(UInt64($0.u32(8))) }
            return ELFImage.VersionNeed(library: library, versions: versions)
        }
    }

    /// `DT_VERDEF`: the versions that this library has.
    func definedVersions() throws -> [String] {
        try self.chain(DynamicTag.definitions, DynamicTag.definitionCount, recordSize: 20, nextAt: 16) {
            record, offset in
            // The first name is the version's own; what follows are those it comes after.
            let names = try self.links(from: offset, first: record.u32(12), count: 1, size: 8, nextAt: 4)
            return try names.first.map { try self.string(UInt64($0.u32(0))) } ?? ""
        }
    }

    /// Records that point to the next by a distance, as many as the section says.
    private func chain<Element>(
        _ tag: UInt64, _ countTag: UInt64, recordSize: UInt64, nextAt: Int,
        _ body: (ELFRange, UInt64) throws -> Element
    ) throws -> [Element] {
        guard let address = self.entries.first(where: { $0.tag == tag })?.value,
            let count = self.entries.first(where: { $0.tag == countTag })?.value
        else { return [] }
        var offset = try Self.offset(of: address, self.loads, "its versions")
        var elements: [Element] = []
        guard count <= Self.limit else { throw ELFError.malformed("\(count) kinds of versions") }
        for _ in 0..<count {
            let record = try self.bytes.read(offset, recordSize, "its versions")
            elements.append(try body(record, offset))
            let next = try record.u32(nextAt)
            if next == 0 { break }
            offset = try Self.add(offset, UInt64(next))
        }
        return elements
    }

    private func links(from record: UInt64, first: UInt32, count: Int, size: UInt64, nextAt: Int) throws -> [ELFRange] {
        guard count <= Self.limit else { throw ELFError.malformed("\(count) versions") }
        var offset = try Self.add(record, UInt64(first))
        var links: [ELFRange] = []
        for _ in 0..<count {
            let link = try self.bytes.read(offset, size, "its versions")
            links.append(link)
            let next = try link.u32(nextAt)
            if next == 0 { break }
            offset = try Self.add(offset, UInt64(next))
        }
        return links
    }

    /// More versions than any library has, so that a malformed file is not read forever.
    private static var limit: UInt64 { 1024 }

    private static func add(_ offset: UInt64, _ distance: UInt64) throws -> UInt64 {
        let (sum, overflow) = offset.addingReportingOverflow(distance)
        guard !overflow else { throw ELFError.malformed("its versions point past the end") }
        return sum
    }

    /// Where in the file an address of the running program is.
    private static func offset(of address: UInt64, _ loads: [ProgramHeader], _ what: String) throws -> UInt64 {
        for load in loads where address >= load.address && address - load.address < load.size {
            return try Self.add(load.offset, address - load.address)
        }
        throw ELFError.malformed("\(what) are at an address that the file does not have")
    }
}
