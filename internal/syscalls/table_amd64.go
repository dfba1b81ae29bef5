package syscalls

import "slices"

// Table has one row for each call of Linux 7.0 and earlier, in the order of
// their numbers. It must not be changed.
var Table = func() []Row {
	t := slices.Concat(fileRows, pathRows, waitRows, netRows, memoryRows, processRows,
		credentialRows, signalRows, timeRows, ipcRows, systemRows, absentRows)
	slices.SortStableFunc(t, func(a, b Row) int { return a.NR - b.NR })
	return t
}()
