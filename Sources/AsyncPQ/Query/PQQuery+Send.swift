//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

extension PQQuery {
    /// Sends the values for a prepared statement.
    ///
    /// Returns false when libpq could not.
    func sendPrepared(as name: [CChar], on handle: OpaquePointer) -> Bool {
        self.withLayout { count, values, lengths, formats in
            PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
        } != 0
    }

    /// Sends text and values together.
    ///
    /// Returns false when libpq could not.
    func sendUnprepared(on handle: OpaquePointer, answering format: PQFormat = .binary) -> Bool {
        let types = self.bindings.parameters.map(\.type.rawValue)
        return self.withLayout { count, values, lengths, formats in
            PQsendQueryParams(handle, self.sql, count, types, values, lengths, formats, format.rawValue)
        } != 0
    }

    private typealias Layout = (
        Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> Int32

    /// Lays the values out in the arrays that libpq expects.
    @inline(__always)
    private func withLayout(_ call: Layout) -> Int32 {
        // Room of a size that the compiler knows is on the stack for certain.
        guard self.bindings.count > 8 else {
            return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: 8) { values in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: 16) { self.layOut(values, $0, call) }
            }
        }
        return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: self.bindings.count) { values in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: self.bindings.count * 2) {
                self.layOut(values, $0, call)
            }
        }
    }

    @inline(__always)
    private func layOut(
        _ values: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>, _ numbers: UnsafeMutableBufferPointer<Int32>,
        _ call: Layout
    ) -> Int32 {
        let parameters = self.bindings.parameters
        let count = parameters.count
        return self.bindings.bytes.withUnsafeBytes { bytes in
            for index in parameters.indices {
                let parameter = parameters[index]
                values.initializeElement(at: index, to: Self.pointer(to: parameter, in: bytes))
                numbers.initializeElement(at: index, to: Int32(clamping: max(parameter.length, 0)))
                numbers.initializeElement(at: count + index, to: parameter.format.rawValue)
            }
            let lengths = numbers.baseAddress.map { UnsafePointer($0) }
            return call(Int32(count), values.baseAddress.map { UnsafePointer($0) }, lengths, lengths.map { $0 + count })
        }
    }

    private static func pointer(
        to parameter: PQBindings.Parameter, in bytes: UnsafeRawBufferPointer
    ) -> UnsafePointer<CChar>? {
        guard parameter.length >= 0 else { return nil }
        // An empty value needs an address all the same: NULL would mean SQL's NULL.
        guard let base = bytes.baseAddress else { return EmptyValue.address }
        return (base + parameter.offset).assumingMemoryBound(to: CChar.self)
    }
}

/// An address for values of no bytes.
private enum EmptyValue {
    private static let bits: UInt = {
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        pointer.pointee = 0
        return UInt(bitPattern: pointer)
    }()

    static var address: UnsafePointer<CChar>? { UnsafePointer(bitPattern: self.bits) }
}
