// Package price tells what AWS asks for Step Functions and Lambda: list prices, without free tiers, Savings Plans and
// agreements. It does no I/O but to read a file of prices.
package price

import (
	"math"
	"strings"
	"time"
)

// Table is the prices of regions at some date.
type Table struct {
	AsOf     string   `json:"as_of"`    // date, as 2026-03-14
	Currency string   `json:"currency"` // ISO 4217
	Sources  []string `json:"sources"`  // where the prices are from
	// Regions by name; default holds for regions without an entry, and for what an entry leaves out.
	Regions map[string]Region `json:"regions"`
}

// Region is the prices of one region, in the table's currency.
type Region struct {
	Transition      float64 `json:"transition,omitempty"`        // of a Standard workflow, each
	ExpressRequest  float64 `json:"express_request,omitempty"`   // each execution of an Express workflow
	ExpressGBSecond Tiers   `json:"express_gb_second,omitempty"` // of an Express workflow
	LambdaRequest   float64 `json:"lambda_request,omitempty"`    // each invocation
	LambdaX86       Tiers   `json:"lambda_gb_second_x86,omitempty"`
	LambdaARM       Tiers   `json:"lambda_gb_second_arm,omitempty"`
}

// Tiers are prices that fall with the amount that one account uses in a month, the first first.
type Tiers []Tier

// Tier is a price that holds up to an amount in a month.
type Tier struct {
	UpTo  float64 `json:"up_to,omitempty"` // 0 on the last one: without end
	Price float64 `json:"price"`
}

// defaultRegion is the entry of regions without one.
const defaultRegion = "default"

// Of tells the prices of a region.
func (t Table) Of(region string) Region {
	return t.Regions[defaultRegion].overlaid(t.Regions[region])
}

// OfARN tells the prices of the region that an ARN is of.
func (t Table) OfARN(arn string) Region {
	parts := strings.SplitN(arn, ":", 5)
	if len(parts) < 5 {
		return t.Of("")
	}
	return t.Of(parts[3])
}

// overlaid is r with all that the other one tells.
func (r Region) overlaid(by Region) Region {
	overlay(&r.Transition, by.Transition)
	overlay(&r.ExpressRequest, by.ExpressRequest)
	overlay(&r.LambdaRequest, by.LambdaRequest)
	overlayTiers(&r.ExpressGBSecond, by.ExpressGBSecond)
	overlayTiers(&r.LambdaX86, by.LambdaX86)
	overlayTiers(&r.LambdaARM, by.LambdaARM)
	return r
}

func overlay(to *float64, by float64) {
	if by != 0 {
		*to = by
	}
}

func overlayTiers(to *Tiers, by Tiers) {
	if len(by) > 0 {
		*to = by
	}
}

// First is the price of the first tier: what an amount costs an account that uses little.
func (t Tiers) First() float64 {
	if len(t) == 0 {
		return 0
	}
	return t[0].Price
}

// Cost is what an amount costs after so much has been used in the month.
func (t Tiers) Cost(used, amount float64) float64 {
	cost := 0.0
	for n, tier := range t {
		room := math.Inf(1)
		if tier.UpTo > 0 && n < len(t)-1 {
			room = max(tier.UpTo-used, 0)
		}
		part := min(amount, room)
		if part <= 0 {
			continue
		}
		cost += part * tier.Price
		used, amount = used+part, amount-part
	}
	return cost
}

// Architecture is the processor that a function runs on.
type Architecture string

// The architectures of Lambda.
const (
	X86 Architecture = "x86_64"
	ARM Architecture = "arm64"
)

// Lambda are the prices of a GB-second; of an unknown architecture those of x86, Lambda's default.
func (r Region) Lambda(a Architecture) Tiers {
	if a == ARM {
		return r.LambdaARM
	}
	return r.LambdaX86
}

const (
	gib             = 1 << 30
	expressChunk    = 64 << 20 // Express memory is billed in pieces of this size
	expressDuration = 100 * time.Millisecond
)

// LambdaGBSeconds is what is billed of an invocation with so much memory in bytes: its time is rounded up to the
// millisecond.
func LambdaGBSeconds(memory uint64, took time.Duration) float64 {
	return rounded(took, time.Millisecond).Seconds() * float64(memory) / gib
}

// ExpressGBSeconds is what is billed of an Express workflow's execution that took so much memory in bytes: time in
// steps of 100 ms, memory in steps of 64 MB.
func ExpressGBSeconds(memory uint64, took time.Duration) float64 {
	chunks := max((memory+expressChunk-1)/expressChunk, 1)
	return rounded(took, expressDuration).Seconds() * float64(chunks) * expressChunk / gib
}

func rounded(d, unit time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return (d + unit - 1) / unit * unit
}
