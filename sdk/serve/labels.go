package serve

import (
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
)

// label names the venues of one program in Jupiter's interface: the program
// that sets the price of a trade. Several venues may share a label, and a venue
// has one label. Example: "Stake Pool" names deposits into and withdrawals from
// stake pools of all three deployments.
type label struct {
	name     string
	programs []solana.PublicKey
	venues   []route.Venue
}

// labels returns the labels of all venues.
func labels() []label {
	return []label{
		{
			name:     "Infinity",
			programs: []solana.PublicKey{accounts.InfinityProgram},
			venues:   []route.Venue{route.VenueInfinity},
		},
		{
			name:     "Stake Pool",
			programs: accounts.StakePoolPrograms(),
			venues: []route.Venue{
				route.VenueStakePoolDeposit, route.VenueStakePoolWithdrawal,
				route.VenueStakeDeposit, route.VenueStakeWithdrawal,
				route.VenueStakeWithdrawalToDeposit,
			},
		},
		{
			name:     "Marinade",
			programs: []solana.PublicKey{accounts.MarinadeProgram},
			venues:   []route.Venue{route.VenueMarinadeDeposit, route.VenueMarinadeUnstake},
		},
		{
			name:     "Router",
			programs: []solana.PublicKey{accounts.RouterProgram},
			venues: []route.Venue{
				route.VenueRouter, route.VenueRouterPrefunded, route.VenueRouterDeposit,
			},
		},
		{
			name:     "Reserve",
			programs: []solana.PublicKey{accounts.ReserveProgram},
			venues:   []route.Venue{route.VenueReserve, route.VenueStakeWithdrawalToReserve},
		},
		{
			name:     "Stake Program",
			programs: []solana.PublicKey{accounts.StakeProgram},
			venues:   []route.Venue{route.VenueStakeProgram},
		},
	}
}

// labelTable is made once from labels.
var labelTable = newLabelIndex(labels())

// labelIndex finds labels by name and by venue.
type labelIndex struct {
	all     []label
	byVenue map[route.Venue]string
}

func newLabelIndex(all []label) *labelIndex {
	index := &labelIndex{all: all, byVenue: make(map[route.Venue]string)}
	for _, l := range all {
		for _, v := range l.venues {
			index.byVenue[v] = l.name
		}
	}
	return index
}

// of returns the label of a venue with one leg. The pool of another deployment
// of Infinity is its own label.
func (i *labelIndex) of(venue route.Venue) string {
	if name, ok := i.byVenue[venue]; ok {
		return name
	}
	return string(venue)
}

// venues returns the venues of labels. Texts may hold several labels with
// commas between them, as Jupiter's clients send them.
func (i *labelIndex) venues(texts []string) ([]route.Venue, error) {
	var venues []route.Venue
	for _, text := range texts {
		for name := range strings.SplitSeq(text, ",") {
			at := slices.IndexFunc(i.all, func(l label) bool {
				return strings.EqualFold(l.name, strings.TrimSpace(name))
			})

			switch {
			case name == "":
			case at >= 0:
				venues = append(venues, i.all[at].venues...)
			case route.Venue(name).Known():
				venues = append(venues, route.Venue(name))
			default:
				return nil, invalid("there is no dex %q (see program-id-to-label)", shorten(name))
			}
		}
	}

	return venues, nil
}

// jupiterLabels answers /swap/v1/program-id-to-label.
func jupiterLabels(x *exchange) error {
	names := make(map[string]string)
	for _, l := range labelTable.all {
		for _, program := range l.programs {
			names[program.String()] = l.name
		}
	}
	return x.json(names)
}
