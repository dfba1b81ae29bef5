# Real work with imports; prints the same in every run.
use strict;
use warnings;
use Data::Dumper;
use Digest::MD5 qw(md5_hex);
use File::Find;
use File::Temp qw(tempfile);
use List::Util qw(sum max reduce);
use POSIX qw(floor strftime);
use Storable qw(freeze thaw);
use Time::Local;

$Data::Dumper::Sortkeys = 1;
my $source = shift;
my %count;
open my $in, '<', "$source/small.txt" or die "open: $!";
while (<$in>) {
    $count{$_}++ for /([a-z]+)/g;
}
my @top = (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count)[0 .. 4];
print "$_ $count{$_}\n" for @top;
my $files = 0;
find(sub { $files++ if -f }, "$source/tree");
print "$files files\n";
my @sorted = sort { $a <=> $b } map { ($_ * 7919) % 10007 } 1 .. 20000;
print md5_hex(join ',', @sorted), ' ', sum(@sorted), ' ', max(@sorted), "\n";
print Dumper(thaw(freeze({ a => [1, 2, { b => 'c' }] })));
print strftime('%Y-%m-%d', gmtime(timegm(0, 0, 0, 29, 1, 2024))), "\n";
my ($fh) = tempfile(UNLINK => 1);
print $fh 'x' x 70000;
my $text = join '', map { chr(65 + $_ % 26) } 1 .. 5000;
(my $t = $text) =~ s/([AEIOU])(?=[B-D])/lc $1/ge;
print floor(length($t) / 3), ' ', ($t =~ tr/a-z//), "\n";
eval { die { code => 42 } };
print "died $@->{code}\n";
warn "to stderr\n";
exit 7;
