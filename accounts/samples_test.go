package accounts_test

import (
	"bytes"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// Names of the account types in a DecodeError.
const (
	stakePoolName     = "stake pool"
	validatorListName = "validator list"
	stakeAccountName  = "stake account"
	mintName          = "mint"
	tokenAccountName  = "token account"
	clockName         = "clock sysvar"
	rentName          = "rent sysvar"
	epochScheduleName = "epoch schedule sysvar"
	epochRewardsName  = "epoch rewards sysvar"
	stakeHistoryName  = "stake history sysvar"
	lookupTableName   = "lookup table"
	programDataName   = "program data"
	nonceName         = "nonce account"
	tokenMetadataName = "token metadata"
)

// codecs returns all decoders. The samples are invented, and no two fields of a
// type have the same value. The packed lengths are those of the programs.
func codecs() []codec {
	var (
		pools   = accounts.StakePoolPrograms()
		stake   = []solana.PublicKey{accounts.StakeProgram}
		tokens  = []solana.PublicKey{accounts.TokenProgram, accounts.Token2022Program}
		sysvars = []solana.PublicKey{accounts.SysvarProgram}
		tables  = []solana.PublicKey{accounts.LookupTableProgram}
		loader  = []solana.PublicKey{accounts.UpgradeableLoader}
		system  = []solana.PublicKey{accounts.SystemProgram}
		naming  = []solana.PublicKey{accounts.TokenMetadataProgram}
	)

	return append([]codec{
		newCodec(stakePoolName, accounts.DecodeStakePool, pools,
			sample{name: "no options", value: poolNone(), packed: 435},
			sample{
				name:   "all options",
				value:  poolAll(),
				packed: 611,
				owner:  accounts.SanctumStakePoolProgram,
			},
			sample{
				name:   "mixed options",
				value:  poolMixed(),
				packed: 435 + 16 + 32 + 32 + 16,
				owner:  accounts.SanctumMultiStakePoolProgram,
			},
		),
		newCodec(validatorListName, accounts.DecodeValidatorList, pools,
			sample{name: "empty", value: validators(0), packed: 9},
			sample{
				name:   "one",
				value:  validators(1),
				packed: 9 + 73,
				owner:  accounts.SanctumStakePoolProgram,
			},
			sample{
				name:   "three",
				value:  validators(3),
				packed: 9 + 3*73,
				owner:  accounts.SanctumMultiStakePoolProgram,
			},
		),
		newCodec(stakeAccountName, accounts.DecodeStakeAccount, stake,
			sample{
				name:   "uninitialized",
				value:  &accounts.StakeAccount{State: accounts.StakeUninitialized},
				packed: 4,
			},
			sample{name: "initialized", value: stakeInitialized(), packed: 124},
			sample{name: "delegated", value: stakeDelegated(), packed: 197},
			sample{
				name:   "rewards pool",
				value:  &accounts.StakeAccount{State: accounts.StakeRewardsPool},
				packed: 4,
			},
		),
		newCodec(mintName, accounts.DecodeMint, tokens,
			sample{
				name:   "no options",
				value:  &accounts.Mint{Supply: 1_000_000_007, Decimals: 9},
				packed: 82,
			},
			sample{name: "all options", value: mintAll(nil), packed: 82},
			sample{
				name:   "token-2022",
				value:  mintAll(nil),
				packed: 82,
				owner:  accounts.Token2022Program,
			},
			sample{
				name:   "extensions",
				value:  mintAll(extensions()),
				packed: 166 + 4 + 3 + 4 + 0,
				owner:  accounts.Token2022Program,
				whole:  wholeToken(82, 166, 173, 177),
			},
		),
		newCodec(tokenAccountName, accounts.DecodeTokenAccount, tokens,
			sample{
				name: "no options",
				value: &accounts.TokenAccount{
					Mint:   key(1),
					Owner:  key(2),
					Amount: 3,
					State:  accounts.TokenFrozen,
				},
				packed: 165,
			},
			sample{name: "all options", value: tokenAll(nil), packed: 165},
			sample{
				name:   "token-2022",
				value:  tokenAll(nil),
				packed: 165,
				owner:  accounts.Token2022Program,
			},
			sample{
				name:   "extensions",
				value:  tokenAll(extensions()),
				packed: 166 + 4 + 3 + 4 + 0,
				owner:  accounts.Token2022Program,
				whole:  wholeToken(165, 166, 173, 177),
			},
		),
		newCodec(clockName, accounts.DecodeClock, sysvars, sample{
			name: "clock",
			value: &accounts.Clock{
				Slot:                411_884_877,
				EpochStartTimestamp: -1,
				Epoch:               953,
				LeaderScheduleEpoch: 954,
				UnixTimestamp:       1_790_000_000,
			},
			packed: 40,
		}),
		newCodec(rentName, accounts.DecodeRent, sysvars, sample{
			name: "rent",
			value: &accounts.Rent{
				LamportsPerByte: 5080,
				ThresholdBits:   0x3FF0000000000000,
				BurnPercent:     50,
			},
			packed: 17,
		}),
		newCodec(epochScheduleName, accounts.DecodeEpochSchedule, sysvars,
			sample{
				name: "mainnet",
				value: &accounts.EpochSchedule{
					SlotsPerEpoch:            432_000,
					LeaderScheduleSlotOffset: 432_001,
				},
				packed: 33,
			},
			sample{
				name: "warmup",
				value: &accounts.EpochSchedule{
					SlotsPerEpoch:            8192,
					LeaderScheduleSlotOffset: 8193,
					Warmup:                   true,
					FirstNormalEpoch:         8,
					FirstNormalSlot:          8160,
				},
				packed: 33,
			},
		),
		newCodec(epochRewardsName, accounts.DecodeEpochRewards, sysvars,
			sample{name: "never", value: &accounts.EpochRewards{}, packed: 81},
			sample{
				name: "active",
				value: &accounts.EpochRewards{
					DistributionStartingBlockHeight: 1,
					NumPartitions:                   2,
					ParentBlockhash:                 solana.Hash(key(3)),
					TotalPoints:                     [16]byte{4, 15: 5},
					TotalRewards:                    6,
					DistributedRewards:              7,
					Active:                          true,
				},
				packed: 81,
			},
		),
		newCodec(stakeHistoryName, accounts.DecodeStakeHistory, sysvars,
			sample{name: "empty", value: history(0), packed: 8},
			sample{name: "two", value: history(2), packed: 8 + 2*32},
			sample{name: "full", value: history(512), packed: 8 + 512*32},
		),
		newCodec(lookupTableName, accounts.DecodeLookupTable, tables,
			sample{name: "empty", value: table(0, nil), packed: 56},
			sample{name: "frozen", value: table(1, nil), packed: 56 + 32, whole: wholeTable},
			sample{
				name:   "authority",
				value:  table(3, keyPtr(9)),
				packed: 56 + 3*32,
				whole:  wholeTable,
			},
		),
		newCodec(programDataName, accounts.DecodeProgramData, loader,
			sample{
				name:   "immutable",
				value:  &accounts.ProgramData{DeploySlot: 411_884_877},
				packed: 13,
			},
			sample{
				name:   "upgradeable",
				value:  &accounts.ProgramData{DeploySlot: 411_884_877, UpgradeAuthority: keyPtr(1)},
				packed: 45,
			},
		),
		newCodec(nonceName, accounts.DecodeNonce, system,
			sample{name: "allocated", value: &accounts.Nonce{}, packed: 8},
			sample{
				name:   "uninitialized",
				value:  &accounts.Nonce{Version: accounts.NonceCurrent},
				packed: 8,
			},
			sample{name: "legacy", value: nonce(accounts.NonceLegacy), packed: accounts.NonceSpace},
			sample{
				name:   "current",
				value:  nonce(accounts.NonceCurrent),
				packed: accounts.NonceSpace,
			},
		),
		newCodec(tokenMetadataName, accounts.DecodeTokenMetadata, naming,
			sample{
				name:   "no texts",
				value:  &accounts.TokenMetadata{UpdateAuthority: key(1), Mint: key(2)},
				packed: 65 + 3*4,
			},
			sample{
				name: "padded",
				value: &accounts.TokenMetadata{
					UpdateAuthority: key(1),
					Mint:            key(2),
					Name:            "First Staked SOL\x00\x00",
					Symbol:          "oneSOL\x00\x00\x00\x00",
					URI:             "https://a.b/c\x00",
				},
				packed: 65 + 4 + 18 + 4 + 10 + 4 + 14,
			},
		),
	}, slices.Concat(infinityCodecs(), reserveCodecs(), reserveV2Codecs(),
		[]codec{marinadeTicketCodec()}, interceptorCodecs())...)
}

// wholeToken returns the lengths to which a Token-2022 account may be cut: the
// base layout, and the end of the account type and of each extension, with up
// to three bytes more, which are too short for a header.
func wholeToken(base int, ends ...int) func(int) bool {
	return func(length int) bool {
		whole := length == base
		for _, end := range ends {
			whole = whole || length >= end && length < end+4
		}
		return whole
	}
}

// wholeTable reports whether a lookup table may be cut to a length: after each
// address.
func wholeTable(length int) bool { return length >= 56 && length%32 == 56%32 }

func fee(n uint64) accounts.Fee { return accounts.Fee{Numerator: n, Denominator: 10_000 + n} }

func future(updates uint8, n uint64) accounts.FutureFee {
	return accounts.FutureFee{Updates: updates, Fee: fee(n)}
}

func poolNone() *accounts.StakePool {
	return &accounts.StakePool{
		Manager:               key(1),
		Staker:                key(2),
		StakeDepositAuthority: key(3),
		StakeWithdrawBumpSeed: 254,
		ValidatorList:         key(4),
		ReserveStake:          key(5),
		PoolMint:              key(6),
		ManagerFeeAccount:     key(7),
		TokenProgram:          key(8),
		TotalLamports:         0x0807060504030201,
		PoolTokenSupply:       0x1817161514131211,
		LastUpdateEpoch:       0x2827262524232221,
		Lockup: accounts.Lockup{
			UnixTimestamp: -2,
			Epoch:         0x3837363534333231,
			Custodian:     key(9),
		},
		EpochFee:                 fee(1),
		StakeDepositFee:          fee(2),
		StakeWithdrawalFee:       fee(3),
		StakeReferralFee:         11,
		SOLDepositFee:            fee(4),
		SOLReferralFee:           12,
		SOLWithdrawalFee:         fee(5),
		LastEpochPoolTokenSupply: 0x4847464544434241,
		LastEpochTotalLamports:   0x5857565554535251,
	}
}

func poolAll() *accounts.StakePool {
	p := poolNone()
	p.NextEpochFee = future(2, 6)
	p.PreferredDepositValidator = keyPtr(21)
	p.PreferredWithdrawValidator = keyPtr(22)
	p.NextStakeWithdrawalFee = future(1, 7)
	p.SOLDepositAuthority = keyPtr(23)
	p.SOLWithdrawAuthority = keyPtr(24)
	p.NextSOLWithdrawalFee = future(2, 8)
	return p
}

// poolMixed has an authority that is the zero key, as some pools have. It is
// not the same as no authority.
func poolMixed() *accounts.StakePool {
	p := poolNone()
	p.NextEpochFee = future(1, 6)
	p.PreferredWithdrawValidator = keyPtr(22)
	p.SOLWithdrawAuthority = &solana.PublicKey{}
	p.NextSOLWithdrawalFee = future(2, 8)
	return p
}

func validators(n int) *accounts.ValidatorList {
	l := &accounts.ValidatorList{
		MaxValidators: 5,
		Validators:    make([]accounts.ValidatorStakeInfo, n),
	}

	for i := range l.Validators {
		l.Validators[i] = accounts.ValidatorStakeInfo{
			ActiveStakeLamports:    0x0807060504030201,
			TransientStakeLamports: 0x1817161514131211,
			LastUpdateEpoch:        0x2827262524232221,
			TransientSeedSuffix:    0x3837363534333231,
			Unused:                 0x44434241,
			ValidatorSeedSuffix:    0x54535251,
			Status:                 accounts.ValidatorStatus(i % 5),
			VoteAccount:            key(byte(i)),
		}
	}

	return l
}

func stakeInitialized() *accounts.StakeAccount {
	return &accounts.StakeAccount{
		State:             accounts.StakeInitialized,
		RentExemptReserve: 2_282_880,
		Staker:            key(1),
		Withdrawer:        key(2),
		Lockup:            accounts.Lockup{UnixTimestamp: -3, Epoch: 4, Custodian: key(5)},
	}
}

func stakeDelegated() *accounts.StakeAccount {
	s := stakeInitialized()
	s.State = accounts.StakeDelegated
	s.Delegation = accounts.Delegation{
		Voter:             key(6),
		Stake:             7,
		ActivationEpoch:   8,
		DeactivationEpoch: accounts.NeverEpoch,
		Reserved:          [8]byte{6: 0xD0, 7: 0x3F},
		CreditsObserved:   9,
		Flags:             1,
	}

	return s
}

func extensions() []accounts.Extension {
	return []accounts.Extension{
		{Type: accounts.ExtensionMetadataPointer, Data: []byte{1, 2, 3}},
		{Type: accounts.ExtensionImmutableOwner, Data: []byte{}},
	}
}

func mintAll(list []accounts.Extension) *accounts.Mint {
	return &accounts.Mint{
		MintAuthority:   keyPtr(1),
		Supply:          0x0807060504030201,
		Decimals:        6,
		FreezeAuthority: keyPtr(2),
		Extensions:      list,
	}
}

func tokenAll(list []accounts.Extension) *accounts.TokenAccount {
	return &accounts.TokenAccount{
		Mint:            key(1),
		Owner:           key(2),
		Amount:          0x0807060504030201,
		Delegate:        keyPtr(3),
		State:           accounts.TokenInitialized,
		NativeReserve:   ptr(uint64(2_039_280)),
		DelegatedAmount: 4,
		CloseAuthority:  keyPtr(5),
		Extensions:      list,
	}
}

func history(n int) *accounts.StakeHistory {
	h := make(accounts.StakeHistory, n)
	for i := range h {
		at := uint64(i)
		h[i] = accounts.StakeHistoryEntry{
			Epoch:        900 - at,
			Effective:    1 + at,
			Activating:   2 + at,
			Deactivating: 3 + at,
		}
	}

	return &h
}

func table(n int, authority *solana.PublicKey) *accounts.LookupTable {
	t := &accounts.LookupTable{
		DeactivationSlot:  accounts.NeverEpoch,
		LastExtendedSlot:  0x0807060504030201,
		LastExtendedStart: 7,
		Authority:         authority,
		Addresses:         make([]solana.PublicKey, n),
	}

	for i := range t.Addresses {
		t.Addresses[i] = key(byte(i + 1))
	}

	return t
}

func nonce(version accounts.NonceVersion) *accounts.Nonce {
	return &accounts.Nonce{
		Version:              version,
		State:                accounts.NonceInitialized,
		Authority:            key(1),
		Value:                solana.Hash(key(2)),
		LamportsPerSignature: 5000,
	}
}

// dirty is the stale data after the packed form of an account.
func dirty() []byte { return bytes.Repeat([]byte{0xFF}, 41) }
