package instructions_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/instructions"
)

func TestStakePoolUpdate_Instructions(t *testing.T) {
	const epoch = 802
	// chunk is an update of the given number of validators from start on.
	type chunk struct{ start, validators int }
	for _, test := range []struct {
		validators int
		// current are the validators that are already updated.
		current []int
		want    []chunk
	}{
		{validators: 0},
		{validators: 1, want: []chunk{{0, 1}}},
		{validators: 4, want: []chunk{{0, 4}}},
		{validators: 5, want: []chunk{{0, 4}, {4, 1}}},
		{validators: 9, want: []chunk{{0, 4}, {4, 4}, {8, 1}}},
		{validators: 9, current: []int{4, 5, 6, 7}, want: []chunk{{0, 4}, {8, 1}}},
		{validators: 9, current: []int{0, 1, 2, 4, 5, 6, 8}, want: []chunk{{3, 1}, {7, 1}}},
		{validators: 5, current: []int{0, 1, 2, 3, 4}},
	} {
		t.Run(fmt.Sprintf("%d validators, current %v", test.validators, test.current),
			func(t *testing.T) {
				p := stakePool(t)
				l := &accounts.ValidatorList{Validators: entries(test.validators, epoch-1)}
				for _, i := range test.current {
					l.Validators[i].LastUpdateEpoch = epoch
				}

				got, err := instructions.StakePoolUpdate(p, l, epoch)
				require.NoError(t, err)
				require.Len(t, got, len(test.want)+2)
				for i, want := range test.want {
					data := fmt.Sprintf("06 %x 00",
						binary.LittleEndian.AppendUint32(nil, uint32(want.start)))
					metas := append(updateListHead(),
						pairs(t, p, l.Validators[want.start:want.start+want.validators])...)
					requireInstruction(t, program, data, metas, got[i])
				}

				requireInstruction(t, program, "07", updateBalance(), got[len(test.want)])
				requireInstruction(t, program, "08", []meta{{pool, "w"}, {list, "w"}},
					got[len(test.want)+1])
			})
	}
}

// TestStakePoolUpdate_LaterEpoch checks that entries updated in a later epoch
// are not updated again.
func TestStakePoolUpdate_LaterEpoch(t *testing.T) {
	got, err := instructions.StakePoolUpdate(stakePool(t),
		&accounts.ValidatorList{Validators: entries(3, 803)}, 802)
	require.NoError(t, err)
	require.Len(t, got, 2)
}

func TestStakePoolUpdate_Errors(t *testing.T) {
	p := stakePool(t)
	p.Mint = accounts.SystemProgram
	_, err := instructions.StakePoolUpdate(p, &accounts.ValidatorList{}, 802)
	requireBuildError(t, err, "UpdateStakePoolBalance", "pool mint", instructions.ErrMissing)
	p.ReserveStake = accounts.SystemProgram
	_, err = instructions.StakePoolUpdate(p, &accounts.ValidatorList{Validators: entries(1, 0)},
		802)
	requireBuildError(t, err, "UpdateValidatorListBalance", "reserve stake",
		instructions.ErrMissing)
}
