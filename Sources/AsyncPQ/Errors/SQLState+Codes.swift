//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The codes of PostgreSQL's Appendix A ("PostgreSQL Error Codes"), by their condition names.
extension SQLState {
    // MARK: Class 00 - Successful Completion

    /// `00000`.
    public static let successfulCompletion = SQLState("00000")

    // MARK: Class 01 - Warning

    /// `01000`.
    public static let warning = SQLState("01000")
    /// `0100C`.
    public static let dynamicResultSetsReturned = SQLState("0100C")
    /// `01008`.
    public static let implicitZeroBitPadding = SQLState("01008")
    /// `01003`.
    public static let nullValueEliminatedInSetFunction = SQLState("01003")
    /// `01007`.
    public static let privilegeNotGranted = SQLState("01007")
    /// `01006`.
    public static let privilegeNotRevoked = SQLState("01006")
    /// `01004`.
    public static let stringDataRightTruncationWarning = SQLState("01004")
    /// `01P01`.
    public static let deprecatedFeature = SQLState("01P01")

    // MARK: Class 02 - No Data (this is also a warning class per the SQL standard)

    /// `02000`.
    public static let noData = SQLState("02000")
    /// `02001`.
    public static let noAdditionalDynamicResultSetsReturned = SQLState("02001")

    // MARK: Class 03 - SQL Statement Not Yet Complete

    /// `03000`.
    public static let sqlStatementNotYetComplete = SQLState("03000")

    // MARK: Class 08 - Connection Exception

    /// `08000`.
    public static let connectionException = SQLState("08000")
    /// `08003`.
    public static let connectionDoesNotExist = SQLState("08003")
    /// `08006`.
    public static let connectionFailure = SQLState("08006")
    /// `08001`.
    public static let sqlclientUnableToEstablishSqlconnection = SQLState("08001")
    /// `08004`.
    public static let sqlserverRejectedEstablishmentOfSqlconnection = SQLState("08004")
    /// `08007`.
    public static let transactionResolutionUnknown = SQLState("08007")
    /// `08P01`.
    public static let protocolViolation = SQLState("08P01")

    // MARK: Class 09 - Triggered Action Exception

    /// `09000`.
    public static let triggeredActionException = SQLState("09000")

    // MARK: Class 0A - Feature Not Supported

    /// `0A000`.
    public static let featureNotSupported = SQLState("0A000")

    // MARK: Class 0B - Invalid Transaction Initiation

    /// `0B000`.
    public static let invalidTransactionInitiation = SQLState("0B000")

    // MARK: Class 0F - Locator Exception

    /// `0F000`.
    public static let locatorException = SQLState("0F000")
    /// `0F001`.
    public static let invalidLocatorSpecification = SQLState("0F001")

    // MARK: Class 0L - Invalid Grantor

    /// `0L000`.
    public static let invalidGrantor = SQLState("0L000")
    /// `0LP01`.
    public static let invalidGrantOperation = SQLState("0LP01")

    // MARK: Class 0P - Invalid Role Specification

    /// `0P000`.
    public static let invalidRoleSpecification = SQLState("0P000")

    // MARK: Class 0Z - Diagnostics Exception

    /// `0Z000`.
    public static let diagnosticsException = SQLState("0Z000")
    /// `0Z002`.
    public static let stackedDiagnosticsAccessedWithoutActiveHandler = SQLState("0Z002")

    // MARK: Class 20 - Case Not Found

    /// `20000`.
    public static let caseNotFound = SQLState("20000")

    // MARK: Class 21 - Cardinality Violation

    /// `21000`.
    public static let cardinalityViolation = SQLState("21000")

    // MARK: Class 22 - Data Exception

    /// `22000`.
    public static let dataException = SQLState("22000")
    /// `2202E`.
    public static let arrayElementError = SQLState("2202E")
    /// `2202E`.
    public static let arraySubscriptError = SQLState("2202E")
    /// `22021`.
    public static let characterNotInRepertoire = SQLState("22021")
    /// `22008`.
    public static let datetimeFieldOverflow = SQLState("22008")
    /// `22008`.
    public static let datetimeValueOutOfRange = SQLState("22008")
    /// `22012`.
    public static let divisionByZero = SQLState("22012")
    /// `22005`.
    public static let errorInAssignment = SQLState("22005")
    /// `2200B`.
    public static let escapeCharacterConflict = SQLState("2200B")
    /// `22022`.
    public static let indicatorOverflow = SQLState("22022")
    /// `22015`.
    public static let intervalFieldOverflow = SQLState("22015")
    /// `2201E`.
    public static let invalidArgumentForLogarithm = SQLState("2201E")
    /// `22014`.
    public static let invalidArgumentForNtileFunction = SQLState("22014")
    /// `22016`.
    public static let invalidArgumentForNthValueFunction = SQLState("22016")
    /// `2201F`.
    public static let invalidArgumentForPowerFunction = SQLState("2201F")
    /// `2201G`.
    public static let invalidArgumentForWidthBucketFunction = SQLState("2201G")
    /// `22018`.
    public static let invalidCharacterValueForCast = SQLState("22018")
    /// `22007`.
    public static let invalidDatetimeFormat = SQLState("22007")
    /// `22019`.
    public static let invalidEscapeCharacter = SQLState("22019")
    /// `2200D`.
    public static let invalidEscapeOctet = SQLState("2200D")
    /// `22025`.
    public static let invalidEscapeSequence = SQLState("22025")
    /// `22P06`.
    public static let nonstandardUseOfEscapeCharacter = SQLState("22P06")
    /// `22010`.
    public static let invalidIndicatorParameterValue = SQLState("22010")
    /// `22023`.
    public static let invalidParameterValue = SQLState("22023")
    /// `22013`.
    public static let invalidPrecedingOrFollowingSize = SQLState("22013")
    /// `2201B`.
    public static let invalidRegularExpression = SQLState("2201B")
    /// `2201W`.
    public static let invalidRowCountInLimitClause = SQLState("2201W")
    /// `2201X`.
    public static let invalidRowCountInResultOffsetClause = SQLState("2201X")
    /// `2202H`.
    public static let invalidTablesampleArgument = SQLState("2202H")
    /// `2202G`.
    public static let invalidTablesampleRepeat = SQLState("2202G")
    /// `22009`.
    public static let invalidTimeZoneDisplacementValue = SQLState("22009")
    /// `2200C`.
    public static let invalidUseOfEscapeCharacter = SQLState("2200C")
    /// `2200G`.
    public static let mostSpecificTypeMismatch = SQLState("2200G")
    /// `22004`.
    public static let nullValueNotAllowed = SQLState("22004")
    /// `22002`.
    public static let nullValueNoIndicatorParameter = SQLState("22002")
    /// `22003`.
    public static let numericValueOutOfRange = SQLState("22003")
    /// `2200H`.
    public static let sequenceGeneratorLimitExceeded = SQLState("2200H")
    /// `22026`.
    public static let stringDataLengthMismatch = SQLState("22026")
    /// `22001`.
    public static let stringDataRightTruncation = SQLState("22001")
    /// `22011`.
    public static let substringError = SQLState("22011")
    /// `22027`.
    public static let trimError = SQLState("22027")
    /// `22024`.
    public static let unterminatedCString = SQLState("22024")
    /// `2200F`.
    public static let zeroLengthCharacterString = SQLState("2200F")
    /// `22P01`.
    public static let floatingPointException = SQLState("22P01")
    /// `22P02`.
    public static let invalidTextRepresentation = SQLState("22P02")
    /// `22P03`.
    public static let invalidBinaryRepresentation = SQLState("22P03")
    /// `22P04`.
    public static let badCopyFileFormat = SQLState("22P04")
    /// `22P05`.
    public static let untranslatableCharacter = SQLState("22P05")
    /// `2200L`.
    public static let notAnXmlDocument = SQLState("2200L")
    /// `2200M`.
    public static let invalidXmlDocument = SQLState("2200M")
    /// `2200N`.
    public static let invalidXmlContent = SQLState("2200N")
    /// `2200S`.
    public static let invalidXmlComment = SQLState("2200S")
    /// `2200T`.
    public static let invalidXmlProcessingInstruction = SQLState("2200T")
    /// `22030`.
    public static let duplicateJsonObjectKeyValue = SQLState("22030")
    /// `22031`.
    public static let invalidArgumentForSqlJsonDatetimeFunction = SQLState("22031")
    /// `22032`.
    public static let invalidJsonText = SQLState("22032")
    /// `22033`.
    public static let invalidSqlJsonSubscript = SQLState("22033")
    /// `22034`.
    public static let moreThanOneSqlJsonItem = SQLState("22034")
    /// `22035`.
    public static let noSqlJsonItem = SQLState("22035")
    /// `22036`.
    public static let nonNumericSqlJsonItem = SQLState("22036")
    /// `22037`.
    public static let nonUniqueKeysInAJsonObject = SQLState("22037")
    /// `22038`.
    public static let singletonSqlJsonItemRequired = SQLState("22038")
    /// `22039`.
    public static let sqlJsonArrayNotFound = SQLState("22039")
    /// `2203A`.
    public static let sqlJsonMemberNotFound = SQLState("2203A")
    /// `2203B`.
    public static let sqlJsonNumberNotFound = SQLState("2203B")
    /// `2203C`.
    public static let sqlJsonObjectNotFound = SQLState("2203C")
    /// `2203D`.
    public static let tooManyJsonArrayElements = SQLState("2203D")
    /// `2203E`.
    public static let tooManyJsonObjectMembers = SQLState("2203E")
    /// `2203F`.
    public static let sqlJsonScalarRequired = SQLState("2203F")
    /// `2203G`.
    public static let sqlJsonItemCannotBeCastToTargetType = SQLState("2203G")

    // MARK: Class 23 - Integrity Constraint Violation

    /// `23000`.
    public static let integrityConstraintViolation = SQLState("23000")
    /// `23001`.
    public static let restrictViolation = SQLState("23001")
    /// `23502`.
    public static let notNullViolation = SQLState("23502")
    /// `23503`.
    public static let foreignKeyViolation = SQLState("23503")
    /// `23505`.
    public static let uniqueViolation = SQLState("23505")
    /// `23514`.
    public static let checkViolation = SQLState("23514")
    /// `23P01`.
    public static let exclusionViolation = SQLState("23P01")
}
