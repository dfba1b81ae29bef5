{
	for (i = 1; i <= NF; i++) {
		count[$i]++
		sum += length($i)
	}
}
END {
	for (w in count)
		if (count[w] > most || (count[w] == most && w < word)) {
			most = count[w]
			word = w
		}
	printf "%d words, %d bytes, %s %d times, %.6f\n", length(count), sum, word, most, sin(sum)
}
