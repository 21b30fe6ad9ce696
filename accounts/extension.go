package accounts

import "fmt"

// ExtensionType is the type of a Token-2022 extension. Its String method
// returns the name that the program gives it.
type ExtensionType uint16

// Types of Token-2022 extensions. Those of mints:
const (
	ExtensionTransferFeeConfig             ExtensionType = 1
	ExtensionMintCloseAuthority            ExtensionType = 3
	ExtensionConfidentialTransferMint      ExtensionType = 4
	ExtensionDefaultAccountState           ExtensionType = 6
	ExtensionNonTransferable               ExtensionType = 9
	ExtensionInterestBearingConfig         ExtensionType = 10
	ExtensionPermanentDelegate             ExtensionType = 12
	ExtensionTransferHook                  ExtensionType = 14
	ExtensionConfidentialTransferFeeConfig ExtensionType = 16
	ExtensionMetadataPointer               ExtensionType = 18
	ExtensionTokenMetadata                 ExtensionType = 19
	ExtensionGroupPointer                  ExtensionType = 20
	ExtensionTokenGroup                    ExtensionType = 21
	ExtensionGroupMemberPointer            ExtensionType = 22
	ExtensionTokenGroupMember              ExtensionType = 23
	ExtensionConfidentialMintBurn          ExtensionType = 24
	ExtensionScaledUIAmount                ExtensionType = 25
	ExtensionPausable                      ExtensionType = 26
	ExtensionPermissionedBurn              ExtensionType = 28
)

// Types of the extensions of token accounts.
const (
	ExtensionTransferFeeAmount             ExtensionType = 2
	ExtensionConfidentialTransferAccount   ExtensionType = 5
	ExtensionImmutableOwner                ExtensionType = 7
	ExtensionMemoTransfer                  ExtensionType = 8
	ExtensionCPIGuard                      ExtensionType = 11
	ExtensionNonTransferableAccount        ExtensionType = 13
	ExtensionTransferHookAccount           ExtensionType = 15
	ExtensionConfidentialTransferFeeAmount ExtensionType = 17
	ExtensionPausableAccount               ExtensionType = 27
)

// extensionNames are the program's names of the extension types.
var extensionNames = map[ExtensionType]string{
	ExtensionTransferFeeConfig:             "TransferFeeConfig",
	ExtensionTransferFeeAmount:             "TransferFeeAmount",
	ExtensionMintCloseAuthority:            "MintCloseAuthority",
	ExtensionConfidentialTransferMint:      "ConfidentialTransferMint",
	ExtensionConfidentialTransferAccount:   "ConfidentialTransferAccount",
	ExtensionDefaultAccountState:           "DefaultAccountState",
	ExtensionImmutableOwner:                "ImmutableOwner",
	ExtensionMemoTransfer:                  "MemoTransfer",
	ExtensionNonTransferable:               "NonTransferable",
	ExtensionInterestBearingConfig:         "InterestBearingConfig",
	ExtensionCPIGuard:                      "CpiGuard",
	ExtensionPermanentDelegate:             "PermanentDelegate",
	ExtensionNonTransferableAccount:        "NonTransferableAccount",
	ExtensionTransferHook:                  "TransferHook",
	ExtensionTransferHookAccount:           "TransferHookAccount",
	ExtensionConfidentialTransferFeeConfig: "ConfidentialTransferFeeConfig",
	ExtensionConfidentialTransferFeeAmount: "ConfidentialTransferFeeAmount",
	ExtensionMetadataPointer:               "MetadataPointer",
	ExtensionTokenMetadata:                 "TokenMetadata",
	ExtensionGroupPointer:                  "GroupPointer",
	ExtensionTokenGroup:                    "TokenGroup",
	ExtensionGroupMemberPointer:            "GroupMemberPointer",
	ExtensionTokenGroupMember:              "TokenGroupMember",
	ExtensionConfidentialMintBurn:          "ConfidentialMintBurn",
	ExtensionScaledUIAmount:                "ScaledUiAmount",
	ExtensionPausable:                      "Pausable",
	ExtensionPausableAccount:               "PausableAccount",
	ExtensionPermissionedBurn:              "PermissionedBurn",
}

// String returns the name of the type, for example "TransferHook", or its
// number if the type is not known.
func (t ExtensionType) String() string {
	if name, ok := extensionNames[t]; ok {
		return name
	}
	return fmt.Sprintf("extension type %d", uint16(t))
}

// accountExtensionSpaces are the sizes of the extensions that the associated
// token account of a mint has because the mint has the extension of the key.
var accountExtensionSpaces = map[ExtensionType]uint64{
	ExtensionTransferFeeConfig: 8, // TransferFeeAmount
	ExtensionNonTransferable:   0, // NonTransferableAccount
	ExtensionTransferHook:      1, // TransferHookAccount
	ExtensionPausable:          0, // PausableAccount
}

// AssociatedTokenSpace returns the size of the associated token accounts of a
// mint in bytes, which determines their rent. It is 165 for the classic token
// program and 170 for a Token-2022 mint without extensions. A Token-2022 mint
// with a transfer fee has accounts of 182 bytes.
func AssociatedTokenSpace(mint Account) (uint64, error) {
	m, err := DecodeMint(mint)
	if err != nil {
		return 0, err
	}

	if mint.Owner != Token2022Program {
		return TokenAccountSpace, nil
	}

	// The account type and the ImmutableOwner extension.
	space := uint64(TokenAccountSpace + 1 + extensionHeaderSize)
	for _, e := range m.Extensions {
		if size, ok := accountExtensionSpaces[e.Type]; ok {
			space += extensionHeaderSize + size
		}
	}

	return space, nil
}
