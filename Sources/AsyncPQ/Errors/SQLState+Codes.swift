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
    // MARK: Class 24 - Invalid Cursor State

    /// `24000`.
    public static let invalidCursorState = SQLState("24000")

    // MARK: Class 25 - Invalid Transaction State

    /// `25000`.
    public static let invalidTransactionState = SQLState("25000")
    /// `25001`.
    public static let activeSqlTransaction = SQLState("25001")
    /// `25002`.
    public static let branchTransactionAlreadyActive = SQLState("25002")
    /// `25008`.
    public static let heldCursorRequiresSameIsolationLevel = SQLState("25008")
    /// `25003`.
    public static let inappropriateAccessModeForBranchTransaction = SQLState("25003")
    /// `25004`.
    public static let inappropriateIsolationLevelForBranchTransaction = SQLState("25004")
    /// `25005`.
    public static let noActiveSqlTransactionForBranchTransaction = SQLState("25005")
    /// `25006`.
    public static let readOnlySqlTransaction = SQLState("25006")
    /// `25007`.
    public static let schemaAndDataStatementMixingNotSupported = SQLState("25007")
    /// `25P01`.
    public static let noActiveSqlTransaction = SQLState("25P01")
    /// `25P02`.
    public static let inFailedSqlTransaction = SQLState("25P02")
    /// `25P03`.
    public static let idleInTransactionSessionTimeout = SQLState("25P03")

    // MARK: Class 26 - Invalid SQL Statement Name

    /// `26000`.
    public static let invalidSqlStatementName = SQLState("26000")

    // MARK: Class 27 - Triggered Data Change Violation

    /// `27000`.
    public static let triggeredDataChangeViolation = SQLState("27000")

    // MARK: Class 28 - Invalid Authorization Specification

    /// `28000`.
    public static let invalidAuthorizationSpecification = SQLState("28000")
    /// `28P01`.
    public static let invalidPassword = SQLState("28P01")

    // MARK: Class 2B - Dependent Privilege Descriptors Still Exist

    /// `2B000`.
    public static let dependentPrivilegeDescriptorsStillExist = SQLState("2B000")
    /// `2BP01`.
    public static let dependentObjectsStillExist = SQLState("2BP01")

    // MARK: Class 2D - Invalid Transaction Termination

    /// `2D000`.
    public static let invalidTransactionTermination = SQLState("2D000")

    // MARK: Class 2F - SQL Routine Exception

    /// `2F000`.
    public static let sqlRoutineException = SQLState("2F000")
    /// `2F005`.
    public static let functionExecutedNoReturnStatement = SQLState("2F005")
    /// `2F002`.
    public static let modifyingSqlDataNotPermitted = SQLState("2F002")
    /// `2F003`.
    public static let prohibitedSqlStatementAttempted = SQLState("2F003")
    /// `2F004`.
    public static let readingSqlDataNotPermitted = SQLState("2F004")

    // MARK: Class 34 - Invalid Cursor Name

    /// `34000`.
    public static let invalidCursorName = SQLState("34000")

    // MARK: Class 38 - External Routine Exception

    /// `38000`.
    public static let externalRoutineException = SQLState("38000")
    /// `38001`.
    public static let containingSqlNotPermitted = SQLState("38001")
    /// `38002`.
    public static let eREModifyingSqlDataNotPermitted = SQLState("38002")
    /// `38003`.
    public static let eREProhibitedSqlStatementAttempted = SQLState("38003")
    /// `38004`.
    public static let eREReadingSqlDataNotPermitted = SQLState("38004")

    // MARK: Class 39 - External Routine Invocation Exception

    /// `39000`.
    public static let externalRoutineInvocationException = SQLState("39000")
    /// `39001`.
    public static let invalidSqlstateReturned = SQLState("39001")
    /// `39004`.
    public static let eRIENullValueNotAllowed = SQLState("39004")
    /// `39P01`.
    public static let triggerProtocolViolated = SQLState("39P01")
    /// `39P02`.
    public static let srfProtocolViolated = SQLState("39P02")
    /// `39P03`.
    public static let eventTriggerProtocolViolated = SQLState("39P03")

    // MARK: Class 3B - Savepoint Exception

    /// `3B000`.
    public static let savepointException = SQLState("3B000")
    /// `3B001`.
    public static let invalidSavepointSpecification = SQLState("3B001")

    // MARK: Class 3D - Invalid Catalog Name

    /// `3D000`.
    public static let invalidCatalogName = SQLState("3D000")

    // MARK: Class 3F - Invalid Schema Name

    /// `3F000`.
    public static let invalidSchemaName = SQLState("3F000")

    // MARK: Class 40 - Transaction Rollback

    /// `40000`.
    public static let transactionRollback = SQLState("40000")
    /// `40002`.
    public static let transactionIntegrityConstraintViolation = SQLState("40002")
    /// `40001`.
    public static let serializationFailure = SQLState("40001")
    /// `40003`.
    public static let statementCompletionUnknown = SQLState("40003")
    /// `40P01`.
    public static let deadlockDetected = SQLState("40P01")

    // MARK: Class 42 - Syntax Error or Access Rule Violation

    /// `42000`.
    public static let syntaxErrorOrAccessRuleViolation = SQLState("42000")
    /// `42601`.
    public static let syntaxError = SQLState("42601")
    /// `42501`.
    public static let insufficientPrivilege = SQLState("42501")
    /// `42846`.
    public static let cannotCoerce = SQLState("42846")
    /// `42803`.
    public static let groupingError = SQLState("42803")
    /// `42P20`.
    public static let windowingError = SQLState("42P20")
    /// `42P19`.
    public static let invalidRecursion = SQLState("42P19")
    /// `42830`.
    public static let invalidForeignKey = SQLState("42830")
    /// `42602`.
    public static let invalidName = SQLState("42602")
    /// `42622`.
    public static let nameTooLong = SQLState("42622")
    /// `42939`.
    public static let reservedName = SQLState("42939")
    /// `42804`.
    public static let datatypeMismatch = SQLState("42804")
    /// `42P18`.
    public static let indeterminateDatatype = SQLState("42P18")
    /// `42P21`.
    public static let collationMismatch = SQLState("42P21")
    /// `42P22`.
    public static let indeterminateCollation = SQLState("42P22")
    /// `42809`.
    public static let wrongObjectType = SQLState("42809")
    /// `428C9`.
    public static let generatedAlways = SQLState("428C9")
    /// `42703`.
    public static let undefinedColumn = SQLState("42703")
    /// `34000`.
    public static let undefinedCursor = SQLState("34000")
    /// `3D000`.
    public static let undefinedDatabase = SQLState("3D000")
    /// `42883`.
    public static let undefinedFunction = SQLState("42883")
    /// `26000`.
    public static let undefinedPstatement = SQLState("26000")
    /// `3F000`.
    public static let undefinedSchema = SQLState("3F000")
    /// `42P01`.
    public static let undefinedTable = SQLState("42P01")
    /// `42P02`.
    public static let undefinedParameter = SQLState("42P02")
    /// `42704`.
    public static let undefinedObject = SQLState("42704")
    /// `42701`.
    public static let duplicateColumn = SQLState("42701")
    /// `42P03`.
    public static let duplicateCursor = SQLState("42P03")
    /// `42P04`.
    public static let duplicateDatabase = SQLState("42P04")
    /// `42723`.
    public static let duplicateFunction = SQLState("42723")
    /// `42P05`.
    public static let duplicatePreparedStatement = SQLState("42P05")
    /// `42P06`.
    public static let duplicateSchema = SQLState("42P06")
    /// `42P07`.
    public static let duplicateTable = SQLState("42P07")
    /// `42712`.
    public static let duplicateAlias = SQLState("42712")
    /// `42710`.
    public static let duplicateObject = SQLState("42710")
    /// `42702`.
    public static let ambiguousColumn = SQLState("42702")
    /// `42725`.
    public static let ambiguousFunction = SQLState("42725")
    /// `42P08`.
    public static let ambiguousParameter = SQLState("42P08")
    /// `42P09`.
    public static let ambiguousAlias = SQLState("42P09")
    /// `42P10`.
    public static let invalidColumnReference = SQLState("42P10")
    /// `42611`.
    public static let invalidColumnDefinition = SQLState("42611")
    /// `42P11`.
    public static let invalidCursorDefinition = SQLState("42P11")
    /// `42P12`.
    public static let invalidDatabaseDefinition = SQLState("42P12")
    /// `42P13`.
    public static let invalidFunctionDefinition = SQLState("42P13")
    /// `42P14`.
    public static let invalidPreparedStatementDefinition = SQLState("42P14")
    /// `42P15`.
    public static let invalidSchemaDefinition = SQLState("42P15")
    /// `42P16`.
    public static let invalidTableDefinition = SQLState("42P16")
    /// `42P17`.
    public static let invalidObjectDefinition = SQLState("42P17")

    // MARK: Class 44 - WITH CHECK OPTION Violation

    /// `44000`.
    public static let withCheckOptionViolation = SQLState("44000")

    // MARK: Class 53 - Insufficient Resources

    /// `53000`.
    public static let insufficientResources = SQLState("53000")
    /// `53100`.
    public static let diskFull = SQLState("53100")
    /// `53200`.
    public static let outOfMemory = SQLState("53200")
    /// `53300`.
    public static let tooManyConnections = SQLState("53300")
    /// `53400`.
    public static let configurationLimitExceeded = SQLState("53400")

    // MARK: Class 54 - Program Limit Exceeded

    /// `54000`.
    public static let programLimitExceeded = SQLState("54000")
    /// `54001`.
    public static let statementTooComplex = SQLState("54001")
    /// `54011`.
    public static let tooManyColumns = SQLState("54011")
    /// `54023`.
    public static let tooManyArguments = SQLState("54023")

    // MARK: Class 55 - Object Not In Prerequisite State

    /// `55000`.
    public static let objectNotInPrerequisiteState = SQLState("55000")
    /// `55006`.
    public static let objectInUse = SQLState("55006")
    /// `55P02`.
    public static let cantChangeRuntimeParam = SQLState("55P02")
    /// `55P03`.
    public static let lockNotAvailable = SQLState("55P03")
    /// `55P04`.
    public static let unsafeNewEnumValueUsage = SQLState("55P04")

    // MARK: Class 57 - Operator Intervention

    /// `57000`.
    public static let operatorIntervention = SQLState("57000")
    /// `57014`.
    public static let queryCanceled = SQLState("57014")
    /// `57P01`.
    public static let adminShutdown = SQLState("57P01")
    /// `57P02`.
    public static let crashShutdown = SQLState("57P02")
    /// `57P03`.
    public static let cannotConnectNow = SQLState("57P03")
    /// `57P04`.
    public static let databaseDropped = SQLState("57P04")
    /// `57P05`.
    public static let idleSessionTimeout = SQLState("57P05")

    // MARK: Class 58 - System Error (errors external to PostgreSQL itself)

    /// `58000`.
    public static let systemError = SQLState("58000")
    /// `58030`.
    public static let ioError = SQLState("58030")
    /// `58P01`.
    public static let undefinedFile = SQLState("58P01")
    /// `58P02`.
    public static let duplicateFile = SQLState("58P02")

    // MARK: Class 72 - Snapshot Failure

    /// `72000`.
    public static let snapshotTooOld = SQLState("72000")

    // MARK: Class F0 - Configuration File Error

    /// `F0000`.
    public static let configFileError = SQLState("F0000")
    /// `F0001`.
    public static let lockFileExists = SQLState("F0001")

    // MARK: Class HV - Foreign Data Wrapper Error (SQL/MED)

    /// `HV000`.
    public static let fdwError = SQLState("HV000")
    /// `HV005`.
    public static let fdwColumnNameNotFound = SQLState("HV005")
    /// `HV002`.
    public static let fdwDynamicParameterValueNeeded = SQLState("HV002")
    /// `HV010`.
    public static let fdwFunctionSequenceError = SQLState("HV010")
    /// `HV021`.
    public static let fdwInconsistentDescriptorInformation = SQLState("HV021")
    /// `HV024`.
    public static let fdwInvalidAttributeValue = SQLState("HV024")
    /// `HV007`.
    public static let fdwInvalidColumnName = SQLState("HV007")
    /// `HV008`.
    public static let fdwInvalidColumnNumber = SQLState("HV008")
    /// `HV004`.
    public static let fdwInvalidDataType = SQLState("HV004")
    /// `HV006`.
    public static let fdwInvalidDataTypeDescriptors = SQLState("HV006")
    /// `HV091`.
    public static let fdwInvalidDescriptorFieldIdentifier = SQLState("HV091")
    /// `HV00B`.
    public static let fdwInvalidHandle = SQLState("HV00B")
    /// `HV00C`.
    public static let fdwInvalidOptionIndex = SQLState("HV00C")
    /// `HV00D`.
    public static let fdwInvalidOptionName = SQLState("HV00D")
    /// `HV090`.
    public static let fdwInvalidStringLengthOrBufferLength = SQLState("HV090")
    /// `HV00A`.
    public static let fdwInvalidStringFormat = SQLState("HV00A")
    /// `HV009`.
    public static let fdwInvalidUseOfNullPointer = SQLState("HV009")
    /// `HV014`.
    public static let fdwTooManyHandles = SQLState("HV014")
    /// `HV001`.
    public static let fdwOutOfMemory = SQLState("HV001")
    /// `HV00P`.
    public static let fdwNoSchemas = SQLState("HV00P")
    /// `HV00J`.
    public static let fdwOptionNameNotFound = SQLState("HV00J")
    /// `HV00K`.
    public static let fdwReplyHandle = SQLState("HV00K")
    /// `HV00Q`.
    public static let fdwSchemaNotFound = SQLState("HV00Q")
    /// `HV00R`.
    public static let fdwTableNotFound = SQLState("HV00R")
    /// `HV00L`.
    public static let fdwUnableToCreateExecution = SQLState("HV00L")
    /// `HV00M`.
    public static let fdwUnableToCreateReply = SQLState("HV00M")
    /// `HV00N`.
    public static let fdwUnableToEstablishConnection = SQLState("HV00N")

    // MARK: Class P0 - PL/pgSQL Error

    /// `P0000`.
    public static let plpgsqlError = SQLState("P0000")
    /// `P0001`.
    public static let raiseException = SQLState("P0001")
    /// `P0002`.
    public static let noDataFound = SQLState("P0002")
    /// `P0003`.
    public static let tooManyRows = SQLState("P0003")
    /// `P0004`.
    public static let assertFailure = SQLState("P0004")

    // MARK: Class XX - Internal Error

    /// `XX000`.
    public static let internalError = SQLState("XX000")
    /// `XX001`.
    public static let dataCorrupted = SQLState("XX001")
    /// `XX002`.
    public static let indexCorrupted = SQLState("XX002")
}
